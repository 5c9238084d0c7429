-- One row for each file version that was ever looked at. No index and no key: uniqueness is the
-- fence's work, and DuckDB may answer from a stale index after a crash.
CREATE TABLE IF NOT EXISTS millrace.ledger (
  file_id BIGINT NOT NULL,
  source VARCHAR NOT NULL,
  key VARCHAR NOT NULL,
  sha256 VARCHAR NOT NULL,
  size_bytes BIGINT NOT NULL,
  state VARCHAR NOT NULL,            -- loaded | empty | duplicate | quarantined | replaced
  records BIGINT NOT NULL,           -- = rows_loaded + rows_quarantined
  rows_loaded BIGINT NOT NULL,
  rows_quarantined BIGINT NOT NULL,
  rows_flagged BIGINT NOT NULL,
  blank_lines BIGINT NOT NULL,
  code VARCHAR,                      -- why the whole file was refused
  reason VARCHAR,
  duplicate_of BIGINT,
  replaces BIGINT,
  contract_sha256 VARCHAR NOT NULL,
  archive_key VARCHAR NOT NULL,
  loaded_at TIMESTAMP NOT NULL,
  archived_at TIMESTAMP              -- NULL: the file still has to be moved to archive_key
)
