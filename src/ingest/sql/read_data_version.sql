-- The newest load that changed a row: recognised duplicates and refused files leave it as it is.
SELECT coalesce(max(file_id), 0)
FROM millrace.ledger
WHERE state IN ('loaded', 'replaced') OR replaces IS NOT NULL
