-- What has expired under one key of the archive is called by another one now.
INSERT INTO millrace.expired
SELECT $2, rule, expired_at FROM millrace.expired e
WHERE archive_key = $1 AND NOT EXISTS (SELECT 1 FROM millrace.expired WHERE archive_key = $2)
