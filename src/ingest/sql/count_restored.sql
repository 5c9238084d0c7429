UPDATE millrace.ledger SET rows_superseded = rows_superseded - c.n
FROM (
  SELECT s._mr_file_id, count(*) AS n
  FROM {superseded} s JOIN {table} t ON t._mr_file_id = s._mr_file_id AND t._mr_line = s._mr_line
  GROUP BY s._mr_file_id
) c
WHERE millrace.ledger.file_id = c._mr_file_id
