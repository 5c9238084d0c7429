-- Rows of a landing table whose place a row with the same key has taken (on_duplicate_key: newest).
CREATE TABLE IF NOT EXISTS {superseded} AS
SELECT *, NULL::BIGINT AS _mr_superseded_by FROM {table} LIMIT 0
