-- Does any key of this file stand in another one? A NULL equals nothing.
SELECT EXISTS (
  SELECT 1
  FROM (SELECT {key} FROM {table} WHERE _mr_file_id <> $1 AND {key_present}) o
  JOIN (SELECT {key} FROM {table} WHERE _mr_file_id = $1 AND {key_present}) n USING ({key})
)
