SELECT file_id, source, archive_key
FROM millrace.ledger
WHERE (state = $2 OR ($2 = 'loaded' AND state = 'empty'))
  AND (key = $1 OR archive_key = $1 OR ends_with(key, '/' || $1) OR ends_with(archive_key, '/' || $1)
    OR file_id::VARCHAR = $1)
ORDER BY file_id
LIMIT 20
