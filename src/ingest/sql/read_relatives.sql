-- Everything that a file of this name or size could be a repetition of, newest first.
SELECT file_id, key, sha256, size_bytes, codec, state, archive_key, coalesce(moves_from, key), archived_at IS NOT NULL
FROM millrace.ledger
WHERE source = $1 AND (key = $2 OR size_bytes = $3) AND state <> 'replay'
ORDER BY file_id DESC
