SELECT {columns}
FROM {table}
WHERE _mr_row >= $1 AND _mr_row < $2
ORDER BY _mr_row
