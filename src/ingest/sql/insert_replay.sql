INSERT INTO millrace.ledger
SELECT $1::BIGINT, source, key, sha256, size_bytes, codec, 'replay', $3::BIGINT, $4::BIGINT, $3::BIGINT - $4::BIGINT,
  $5::BIGINT, 0, 0, NULL, NULL, NULL, NULL, file_id, $6, $7, archive_key, NULL, $8::TIMESTAMP, $8::TIMESTAMP
FROM millrace.ledger
WHERE file_id = $2
