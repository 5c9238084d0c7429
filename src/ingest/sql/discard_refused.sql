-- The bytes stay in quarantine/: a replay of discarded files can still take them.
UPDATE millrace.ledger l SET state = 'discarded' WHERE {filter}
