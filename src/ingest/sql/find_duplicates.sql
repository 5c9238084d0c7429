-- The rows of this file whose key stands in an earlier line of it, or elsewhere, and where.
WITH fresh AS (
  SELECT {key}, _mr_line FROM {table} WHERE _mr_file_id = $1 AND {key_present}
),
twice AS (
  SELECT {key}, min(_mr_line) AS _mr_first FROM fresh GROUP BY {key} HAVING count(*) > 1
),
elsewhere AS (
  SELECT {key}, _mr_file_id AS _mr_holder, _mr_line AS _mr_held
  FROM {landing}
  WHERE {elsewhere} AND {key_present}
),
held AS (
  SELECT {key}, min(_mr_holder) AS _mr_holder, arg_min(_mr_held, _mr_holder) AS _mr_held
  FROM elsewhere JOIN (SELECT DISTINCT {key} FROM fresh) AS _mr_fresh USING ({key})
  GROUP BY {key}
)
SELECT r._mr_line, r._mr_offset, r._mr_length, t._mr_first, NULL, NULL, NULL
FROM {table} r JOIN twice t USING ({key})
WHERE r._mr_file_id = $1 AND r._mr_line > t._mr_first
UNION ALL
SELECT r._mr_line, r._mr_offset, r._mr_length, NULL, h._mr_holder, h._mr_held, l.key
FROM {table} r JOIN held h USING ({key}) LEFT JOIN millrace.ledger l ON l.file_id = h._mr_holder
WHERE r._mr_file_id = $1
ORDER BY 1, 4 NULLS FIRST
LIMIT {most}
