-- Line 0: a row of the file's head, which is read on the way and loaded already.
INSERT INTO {table} ({columns}, _mr_file_id, _mr_line, _mr_offset, _mr_length)
SELECT {columns}, $1::BIGINT, _mr_line, _mr_offset, _mr_length FROM {rows} WHERE _mr_line > 0
