-- Files of the archive whose bytes were deleted when their time was over. Their rows stay.
CREATE TABLE IF NOT EXISTS millrace.expired (
  archive_key VARCHAR NOT NULL,
  rule VARCHAR NOT NULL,             -- tiers.keep: 7y
  expired_at TIMESTAMP NOT NULL
)
