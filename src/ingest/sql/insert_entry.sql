-- What was loaded is counted in the tables, not taken from the reader's word.
INSERT INTO millrace.ledger
SELECT $1::BIGINT, $2, $3, sha256, size_bytes, state, records,
  (SELECT count(*) FROM {table} WHERE _mr_file_id = $1),
  (SELECT count(*) FROM millrace.quarantine WHERE file_id = $1),
  flagged, blank_lines, code, reason, duplicate_of, replaces, $4, archive_key, $5::TIMESTAMP, $6::TIMESTAMP
FROM {rows}
