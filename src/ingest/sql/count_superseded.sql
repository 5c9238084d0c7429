-- Of the files whose rows have just moved aside.
UPDATE millrace.ledger SET rows_superseded = c.n
FROM (
  SELECT _mr_file_id, count(*) AS n
  FROM {superseded}
  WHERE _mr_file_id IN (SELECT DISTINCT _mr_file_id FROM {superseded} WHERE _mr_superseded_by = $1)
  GROUP BY _mr_file_id
) c
WHERE millrace.ledger.file_id = c._mr_file_id
