-- For rows that are asked before they come in. Of this transaction: it is dropped before the commit.
CREATE TEMP TABLE {held} AS SELECT * FROM {table} LIMIT 0
