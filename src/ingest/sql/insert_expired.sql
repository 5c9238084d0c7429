INSERT INTO millrace.expired
SELECT $1, $2, $3::TIMESTAMP
WHERE NOT EXISTS (SELECT 1 FROM millrace.expired WHERE archive_key = $1)
