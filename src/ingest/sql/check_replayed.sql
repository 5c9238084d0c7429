SELECT records, rows_loaded - rows_superseded, (SELECT count(*) FROM {table} WHERE _mr_file_id = $1),
  rows_quarantined, (SELECT count(*) FROM millrace.quarantine WHERE file_id = $1), rows_loaded + rows_quarantined
FROM millrace.ledger
WHERE file_id = $1
