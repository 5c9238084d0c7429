CREATE TABLE IF NOT EXISTS millrace.quarantine (
  file_id BIGINT NOT NULL,
  line BIGINT NOT NULL,
  byte_offset BIGINT NOT NULL,
  byte_length BIGINT NOT NULL,
  code VARCHAR NOT NULL,
  column_name VARCHAR,
  reason VARCHAR NOT NULL,
  raw BLOB NOT NULL                  -- the record's bytes without the line end
)
