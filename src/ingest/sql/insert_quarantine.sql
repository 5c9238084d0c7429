INSERT INTO millrace.quarantine
SELECT $1::BIGINT, line, byte_offset, byte_length, code, column_name, reason, raw, duplicate_of, 'open', $2, $3
FROM {rows}
