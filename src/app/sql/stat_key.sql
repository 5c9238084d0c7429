-- What the ledger knows of a key, under which a file landed or is archived.
SELECT l.file_id, l.source, l.key, l.sha256, l.size_bytes, l.state, l.rows_loaded, l.rows_quarantined,
  strftime(l.loaded_at, '%Y-%m-%dT%H:%M:%SZ'), l.archive_key, l.archived_at IS NOT NULL, e.rule,
  strftime(e.expired_at, '%Y-%m-%d'),
  (SELECT count(*) FROM millrace.quarantine q WHERE q.file_id = l.file_id AND q.state = 'open')
FROM millrace.ledger l LEFT JOIN millrace.expired e USING (archive_key)
WHERE (l.key = $1 OR l.archive_key = $1) AND l.state <> 'replay'
ORDER BY l.file_id
