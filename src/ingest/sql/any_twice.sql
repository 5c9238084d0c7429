-- Does any key of this file stand twice in it? Cheaper than finding which.
SELECT EXISTS (SELECT 1 FROM {table} WHERE _mr_file_id = $1 AND {key_present} GROUP BY {key} HAVING count(*) > 1)
