l.state = 'loaded'
  AND ($1 = '' OR l.source = $1)
  AND ($2 = '' OR l.key = $2 OR l.archive_key = $2 OR ends_with(l.key, '/' || $2) OR ends_with(l.archive_key, '/' || $2)
    OR l.file_id::VARCHAR = $2)
  AND ($3 = '' OR q.code = $3)
  AND ($4 = '' OR lower(q.column_name) = lower($4))
  AND ($5 = 0 OR q.line = $5)
  AND ($6 = '' OR q.state = $6)
