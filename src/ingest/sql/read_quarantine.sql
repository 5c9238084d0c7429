SELECT l.source, l.key, l.archive_key, q.file_id, q.line, q.byte_offset, q.byte_length, q.code, q.column_name, q.reason,
  q.raw, q.state = 'discarded', q.contract_version
FROM millrace.quarantine q JOIN millrace.ledger l USING (file_id)
WHERE {filter}
ORDER BY q.file_id, q.line
LIMIT {most}
