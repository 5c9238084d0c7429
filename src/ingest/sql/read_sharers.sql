-- The files whose bytes stand under this key: the one that came first, and its repetitions.
SELECT file_id, source, key, sha256, size_bytes, state, rows_loaded
FROM millrace.ledger
WHERE archive_key = $1 AND state <> 'replay'
ORDER BY file_id
