-- By their bytes in hexadecimal: the raw bytes of a broken record need not be text.
SELECT q.file_id, q.line
FROM millrace.quarantine q JOIN millrace.ledger l USING (file_id)
WHERE l.source = $1 AND l.state = 'loaded' AND contains(hex(q.raw), $2)
ORDER BY q.file_id, q.line
LIMIT 1000
