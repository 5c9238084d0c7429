DELETE FROM {table} t USING {superseded} s WHERE t._mr_file_id = s._mr_file_id AND t._mr_line = s._mr_line
