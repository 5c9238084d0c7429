-- Loaded rows that broke a rule of severity warning.
CREATE TABLE IF NOT EXISTS millrace.flags (
  file_id BIGINT NOT NULL,
  line BIGINT NOT NULL,
  code VARCHAR NOT NULL,
  column_name VARCHAR,
  reason VARCHAR NOT NULL
)
