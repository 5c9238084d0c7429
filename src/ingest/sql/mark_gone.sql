-- A version whose rows are taken out: replaced by a newer one, or unloaded.
UPDATE millrace.ledger SET state = $2, rows_superseded = 0 WHERE file_id = $1
