UPDATE millrace.ledger SET archived_at = $2::TIMESTAMP WHERE file_id = $1
