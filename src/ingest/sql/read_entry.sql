SELECT count(*) FROM millrace.ledger WHERE file_id = $1 AND key = $2
