SELECT records, rows_loaded, rows_quarantined FROM millrace.ledger WHERE file_id = $1
