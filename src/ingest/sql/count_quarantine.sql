SELECT l.source, l.key, q.code, q.file_id, count(*)
FROM millrace.quarantine q JOIN millrace.ledger l USING (file_id)
WHERE {filter}
GROUP BY ALL
ORDER BY q.file_id, count(*) DESC, q.code
