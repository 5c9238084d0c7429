-- Of a file whose bytes were gone before this warehouse was filled: it has no rows here, and says so.
INSERT INTO millrace.ledger
SELECT $1::BIGINT, $2, $3, $4, $5::BIGINT, '', 'expired', 0, 0, 0, 0, 0, 0, NULL, $6, NULL, NULL, NULL, '', '', $7, NULL,
  $8::TIMESTAMP, $8::TIMESTAMP
