-- Everything that a file of this name or size could be a repetition of, newest first.
SELECT file_id, key, sha256, size_bytes, state, archive_key, archived_at IS NOT NULL
FROM millrace.ledger
WHERE source = $1 AND (key = $2 OR size_bytes = $3)
ORDER BY file_id DESC
