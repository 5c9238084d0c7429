-- No ORDER BY: it would cost as much as the rest. The reader puts the rows in order by their number.
SELECT _mr_row, {columns}
FROM {table}
WHERE _mr_row >= $1 AND _mr_row < $2
