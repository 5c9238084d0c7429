SELECT EXISTS (SELECT 1 FROM {table} WHERE _mr_file_id <> $1)
