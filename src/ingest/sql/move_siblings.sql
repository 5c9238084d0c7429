-- Other ledger rows whose bytes are those that move.
UPDATE millrace.ledger SET moves_from = $1, archive_key = $2, archived_at = NULL WHERE archive_key = $1 AND file_id <> $3
