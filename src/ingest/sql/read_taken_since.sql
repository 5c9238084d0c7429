SELECT file_id, key, sha256, size_bytes, state, archive_key, archived_at IS NOT NULL
FROM millrace.ledger
WHERE source = $1 AND loaded_at >= $2::TIMESTAMP AND state IN ('loaded', 'empty', 'quarantined')
ORDER BY file_id
