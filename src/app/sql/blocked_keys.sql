-- Of archived objects: a replay waits for those with open rows in quarantine, and a load for those that it does not know.
SELECT DISTINCT l.archive_key,
  EXISTS (SELECT 1 FROM millrace.quarantine q WHERE q.file_id = l.file_id AND q.state = 'open')
FROM millrace.ledger l
