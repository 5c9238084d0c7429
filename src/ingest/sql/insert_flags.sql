INSERT INTO millrace.flags
SELECT $1::BIGINT, line, code, column_name, reason FROM {rows}
