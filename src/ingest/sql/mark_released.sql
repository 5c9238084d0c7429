-- A file that was refused and has been taken after all: its rows stand under a ledger row of their own.
UPDATE millrace.ledger SET state = 'released' WHERE file_id = $1 AND state IN ('quarantined', 'discarded')
