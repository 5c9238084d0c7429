UPDATE millrace.ledger SET code = $2, reason = $3, contract_version = $4, contract_sha256 = $5
WHERE file_id = $1 AND state IN ('quarantined', 'discarded')
