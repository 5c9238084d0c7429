-- How often each warning was met in a file. A replay may add a second row for a file and code: sum them.
CREATE TABLE IF NOT EXISTS millrace.warnings (
  file_id BIGINT NOT NULL,
  code VARCHAR NOT NULL,
  n BIGINT NOT NULL
)
