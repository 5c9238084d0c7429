SELECT count(*)
FROM {table}
WHERE _mr_file_id = $1 AND NOT (
{rule}
)
