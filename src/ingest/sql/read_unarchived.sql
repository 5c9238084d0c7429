SELECT file_id, key, sha256, size_bytes, archive_key, state
FROM millrace.ledger
WHERE source = $1 AND archived_at IS NULL
ORDER BY file_id
