SELECT sha256 FROM millrace.ledger WHERE archive_key = $1
