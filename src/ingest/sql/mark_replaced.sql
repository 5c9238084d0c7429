UPDATE millrace.ledger SET state = 'replaced' WHERE file_id = $1
