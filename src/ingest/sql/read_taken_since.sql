SELECT file_id, key, sha256, size_bytes, codec, state, archive_key, coalesce(moves_from, key), archived_at IS NOT NULL
FROM millrace.ledger
WHERE source = $1 AND loaded_at >= $2::TIMESTAMP AND state IN ('loaded', 'empty', 'quarantined')
ORDER BY file_id
