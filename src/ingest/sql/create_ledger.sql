-- One row for each file version that was ever looked at, and one for each replay of quarantined rows. No
-- index and no key: uniqueness is the fence's work, and DuckDB may answer from a stale index after a crash.
CREATE TABLE IF NOT EXISTS millrace.ledger (
  file_id BIGINT NOT NULL,
  source VARCHAR NOT NULL,
  key VARCHAR NOT NULL,
  sha256 VARCHAR NOT NULL,           -- of the bytes as the lake holds them
  size_bytes BIGINT NOT NULL,
  codec VARCHAR NOT NULL,            -- how they become text: '' | gzip | zstd | …
  state VARCHAR NOT NULL,            -- loaded | empty | duplicate | quarantined | replaced | unloaded | replay | expired | released | discarded
  records BIGINT NOT NULL,           -- = rows_loaded + rows_quarantined
  rows_loaded BIGINT NOT NULL,       -- the landing table holds rows_loaded - rows_superseded
  rows_quarantined BIGINT NOT NULL,  -- open and discarded
  rows_flagged BIGINT NOT NULL,
  rows_superseded BIGINT NOT NULL,   -- a newer row with their key took their place
  blank_lines BIGINT NOT NULL,
  code VARCHAR,                      -- why the whole file was refused
  reason VARCHAR,
  duplicate_of BIGINT,
  replaces BIGINT,
  replays BIGINT,                    -- the file whose quarantined rows were checked again
  contract_version VARCHAR NOT NULL,
  contract_sha256 VARCHAR NOT NULL,
  archive_key VARCHAR NOT NULL,
  moves_from VARCHAR,                -- where the file stands until it is moved; NULL: under its key
  loaded_at TIMESTAMP NOT NULL,
  archived_at TIMESTAMP              -- NULL: the file still has to be moved to archive_key
)
