-- Keys whose bytes must be in the archive.
SELECT DISTINCT archive_key
FROM millrace.ledger
WHERE archived_at IS NOT NULL AND archive_key NOT IN (SELECT archive_key FROM millrace.expired)
ORDER BY archive_key
