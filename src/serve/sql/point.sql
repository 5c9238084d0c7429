SELECT {columns}
FROM {table}
WHERE {key} = $1
