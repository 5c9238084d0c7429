-- Where a row of this file stands, the newest of those that it has superseded comes back beside it.
INSERT INTO {table} BY NAME
SELECT * EXCLUDE (_mr_superseded_by, _mr_rank)
FROM (
  SELECT t.*, row_number() OVER (PARTITION BY {key} ORDER BY {newest_by} _mr_file_id DESC, _mr_line DESC) AS _mr_rank
  FROM {superseded} t
  WHERE _mr_file_id <> $1 AND EXISTS (SELECT 1 FROM {table} f WHERE f._mr_file_id = $1 AND {same_key})
)
WHERE _mr_rank = 1
