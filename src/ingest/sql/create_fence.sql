-- One row. Moved by every load, so that of two loads planned at the same n at most one commits.
CREATE TABLE IF NOT EXISTS millrace.fence AS SELECT 0::BIGINT AS n
