DELETE FROM {superseded} s USING {table} t WHERE t._mr_file_id = s._mr_file_id AND t._mr_line = s._mr_line
