-- The count of all failing rows beside each of a few examples; no row at all: the test passes.
SELECT count(*) OVER () AS failures, to_json(failing)::VARCHAR AS example
FROM (
{test}
) AS failing
LIMIT 5
