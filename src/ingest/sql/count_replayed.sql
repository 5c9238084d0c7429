UPDATE millrace.ledger
SET rows_loaded = rows_loaded + $2, rows_quarantined = rows_quarantined - $2, rows_flagged = rows_flagged + $3,
  rows_superseded = (SELECT count(*) FROM {superseded} WHERE _mr_file_id = $1)
WHERE file_id = $1
