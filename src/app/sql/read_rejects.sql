SELECT line, code, reason FROM millrace.quarantine ORDER BY line
