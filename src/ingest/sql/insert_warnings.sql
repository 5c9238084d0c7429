INSERT INTO millrace.warnings
SELECT $1::BIGINT, code, n FROM {rows}
