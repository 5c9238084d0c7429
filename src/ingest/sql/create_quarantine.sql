CREATE TABLE IF NOT EXISTS millrace.quarantine (
  file_id BIGINT NOT NULL,
  line BIGINT NOT NULL,
  byte_offset BIGINT NOT NULL,       -- in the decoded text of the file
  byte_length BIGINT NOT NULL,
  code VARCHAR NOT NULL,
  column_name VARCHAR,
  reason VARCHAR NOT NULL,
  raw BLOB NOT NULL,                 -- the record's bytes without the line end
  duplicate_of BIGINT,               -- the file whose row has the same key
  state VARCHAR NOT NULL,            -- open | discarded
  contract_version VARCHAR NOT NULL, -- of the contract that the row was last checked against
  contract_sha256 VARCHAR NOT NULL
)
