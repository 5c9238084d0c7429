-- Of all rows with a key of this file, the newest stays; the others move aside.
INSERT INTO {superseded} BY NAME
SELECT * EXCLUDE (_mr_rank)
FROM (
  SELECT t.*,
    first_value({file}) OVER newest_first AS _mr_superseded_by,
    row_number() OVER newest_first AS _mr_rank
  FROM {table} t
  WHERE {key_present} AND EXISTS (SELECT 1 FROM {table} f WHERE f._mr_file_id = $1 AND {same_key})
  WINDOW newest_first AS (PARTITION BY {key} ORDER BY {newest_by} {file} DESC, _mr_line DESC)
)
WHERE _mr_rank > 1
