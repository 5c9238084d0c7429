-- Of rows that count: loaded, empty, or not moved away yet.
SELECT file_id, source, key, sha256, size_bytes
FROM millrace.ledger
WHERE file_id > $1 AND (state IN ('loaded', 'empty') OR archived_at IS NULL)
