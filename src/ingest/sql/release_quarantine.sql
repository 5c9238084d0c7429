DELETE FROM millrace.quarantine
WHERE file_id = $1 AND line IN (
  SELECT _mr_line FROM {table} WHERE _mr_file_id = $2
  UNION ALL
  SELECT _mr_line FROM {superseded} WHERE _mr_file_id = $2
)
