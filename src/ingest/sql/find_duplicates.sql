-- The rows of this file whose key stands in an earlier line of it, or in another file.
WITH fresh AS (
  SELECT {key}, _mr_line FROM {table} WHERE _mr_file_id = $1 AND {key_present}
),
twice AS (
  SELECT {key}, min(_mr_line) AS _mr_first FROM fresh GROUP BY {key} HAVING count(*) > 1
),
elsewhere AS (
  SELECT {key} FROM {table} WHERE _mr_file_id <> $1 AND {key_present}
),
held AS (
  SELECT DISTINCT {key} FROM elsewhere JOIN fresh USING ({key})
)
SELECT r._mr_line, r._mr_offset, r._mr_length, t._mr_first
FROM {table} r JOIN twice t USING ({key})
WHERE r._mr_file_id = $1 AND r._mr_line > t._mr_first
UNION ALL
SELECT r._mr_line, r._mr_offset, r._mr_length, NULL
FROM {table} r JOIN held USING ({key})
WHERE r._mr_file_id = $1
ORDER BY 1, 4 NULLS FIRST
