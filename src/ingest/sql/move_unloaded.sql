-- The file's bytes leave processed/, so that a warehouse that is filled again from there has it as little as
-- this one. So do the bytes of versions that it had replaced, and of repetitions that had replaced others:
-- without it they would come back.
WITH RECURSIVE gone(file_id) AS (
  SELECT $1::BIGINT
  UNION
  SELECT l.file_id
  FROM gone g
  JOIN millrace.ledger own ON own.file_id = g.file_id
  JOIN millrace.ledger l ON (l.file_id = own.replaces AND l.state = 'replaced')
    OR (l.duplicate_of = own.file_id AND l.state = 'duplicate')
)
UPDATE millrace.ledger
SET moves_from = archive_key, archived_at = NULL, archive_key = 'unloaded' || substr(archive_key, length('processed') + 1)
WHERE archive_key IN (
  SELECT archive_key FROM millrace.ledger WHERE file_id IN (SELECT file_id FROM gone) AND starts_with(archive_key, 'processed/')
)
