-- Which layout these tables have: another one is refused, never guessed at.
CREATE TABLE IF NOT EXISTS millrace.format AS SELECT 2::BIGINT AS n
