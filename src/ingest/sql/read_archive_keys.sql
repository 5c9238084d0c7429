SELECT archive_key FROM millrace.ledger WHERE source = $1
