DELETE FROM {table} WHERE _mr_file_id = $1 AND _mr_line IN (SELECT line FROM {rows})
