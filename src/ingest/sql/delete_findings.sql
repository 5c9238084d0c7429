DELETE FROM {table} WHERE file_id = $1
