SELECT generation, data_version, project_sha256, published_at
FROM millrace.generations ORDER BY generation DESC LIMIT 1
