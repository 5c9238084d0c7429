UPDATE {table} SET _mr_file_id = $1 WHERE _mr_file_id = $2
