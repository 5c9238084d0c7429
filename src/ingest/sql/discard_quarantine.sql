UPDATE millrace.quarantine q SET state = 'discarded'
FROM millrace.ledger l
WHERE l.file_id = q.file_id AND {filter}
