CREATE TABLE {table} (
  _mr_row BIGINT NOT NULL,
  {columns},
  PRIMARY KEY ({key})
)
