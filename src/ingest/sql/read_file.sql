SELECT file_id, key, sha256, size_bytes, codec, state, archive_key, coalesce(moves_from, key), archived_at IS NOT NULL
FROM millrace.ledger
WHERE file_id = $1
