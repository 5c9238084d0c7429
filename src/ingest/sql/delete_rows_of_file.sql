DELETE FROM {table} WHERE _mr_file_id = $1
