-- Does any key of this file stand twice, in it or in another file? Cheaper than finding which.
SELECT
  EXISTS (SELECT 1 FROM {table} WHERE _mr_file_id = $1 AND {key_present} GROUP BY {key} HAVING count(*) > 1)
  OR EXISTS (
    SELECT 1 FROM {table} o JOIN {table} n USING ({key}) WHERE o._mr_file_id <> $1 AND n._mr_file_id = $1
  )
