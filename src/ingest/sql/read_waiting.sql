-- Open rows of other files that are duplicates of this one's.
SELECT l.key, count(*)
FROM millrace.quarantine q JOIN millrace.ledger l USING (file_id)
WHERE q.duplicate_of = $1 AND q.state = 'open' AND l.state = 'loaded'
GROUP BY l.key
ORDER BY l.key
