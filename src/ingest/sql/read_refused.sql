SELECT l.file_id, l.source, l.key, l.archive_key, l.size_bytes, coalesce(l.code, ''), coalesce(l.reason, ''), l.loaded_at,
  l.contract_version, l.state = 'discarded'
FROM millrace.ledger l
WHERE {filter}
ORDER BY l.file_id
LIMIT {most}
