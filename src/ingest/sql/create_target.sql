CREATE TABLE IF NOT EXISTS {table} (
  {columns},
  _mr_file_id BIGINT NOT NULL,
  _mr_line BIGINT NOT NULL,
  _mr_offset BIGINT NOT NULL,
  _mr_length INTEGER NOT NULL
)
