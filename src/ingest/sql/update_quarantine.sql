UPDATE millrace.quarantine
SET code = n.code, column_name = n.column_name, reason = n.reason, duplicate_of = n.duplicate_of,
  contract_version = $2, contract_sha256 = $3
FROM {rows} n
WHERE file_id = $1 AND millrace.quarantine.line = n.line
