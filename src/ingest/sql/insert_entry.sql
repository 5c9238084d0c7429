-- What was loaded is counted in the tables, not taken from the reader's word.
INSERT INTO millrace.ledger
SELECT $1::BIGINT, $2, $3, sha256, size_bytes, codec, state, records,
  (SELECT count(*) FROM {table} WHERE _mr_file_id = $1) + (SELECT count(*) FROM {superseded} WHERE _mr_file_id = $1),
  (SELECT count(*) FROM millrace.quarantine WHERE file_id = $1),
  flagged,
  (SELECT count(*) FROM {superseded} WHERE _mr_file_id = $1),
  blank_lines, code, reason, duplicate_of, replaces, NULL, $4, $5, archive_key, $8, $6::TIMESTAMP, $7::TIMESTAMP
FROM {rows}
