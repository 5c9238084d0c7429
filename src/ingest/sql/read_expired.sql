SELECT rule, strftime(expired_at, '%Y-%m-%d') FROM millrace.expired WHERE archive_key = $1
