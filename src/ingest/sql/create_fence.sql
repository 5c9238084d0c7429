-- One row. n is moved by everything that changes the ledger, so that of two changes planned at the same n
-- at most one commits. data_version is the n that last changed a row of a landing table.
CREATE TABLE IF NOT EXISTS millrace.fence AS SELECT 0::BIGINT AS n, 0::BIGINT AS data_version
