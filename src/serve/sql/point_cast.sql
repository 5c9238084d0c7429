SELECT {columns}
FROM {table}
WHERE {key} = CAST($1 AS {type})
