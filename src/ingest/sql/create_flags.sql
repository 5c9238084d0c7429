-- Words on rows that were loaded all the same; line 0: on the whole file. The first of each file are kept;
-- millrace.warnings counts all.
CREATE TABLE IF NOT EXISTS millrace.flags (
  file_id BIGINT NOT NULL,
  line BIGINT NOT NULL,
  code VARCHAR NOT NULL,
  column_name VARCHAR,
  reason VARCHAR NOT NULL
)
