INSERT INTO millrace.generations VALUES ($1, $2::TIMESTAMP, $3, $4)
