-- The rows of this file for which a rule of the contract is false; where it is NULL, a row passes.
SELECT _mr_line, _mr_offset, _mr_length
FROM {table}
WHERE _mr_file_id = $1 AND NOT (
{rule}
)
ORDER BY _mr_line
LIMIT {most}
