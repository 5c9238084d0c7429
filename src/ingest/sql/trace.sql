SELECT t._mr_file_id, t._mr_line, t._mr_offset, t._mr_length, l.key, l.archive_key, l.contract_version, l.loaded_at,
  t._mr_superseded_by
FROM (
  SELECT _mr_file_id, _mr_line, _mr_offset, _mr_length, 0 AS _mr_superseded_by FROM {table} WHERE {same_key}
  UNION ALL
  SELECT _mr_file_id, _mr_line, _mr_offset, _mr_length, _mr_superseded_by FROM {superseded} WHERE {same_key}
) t
JOIN millrace.ledger l ON l.file_id = t._mr_file_id
ORDER BY t._mr_superseded_by > 0, t._mr_file_id DESC, t._mr_line DESC
LIMIT 100
