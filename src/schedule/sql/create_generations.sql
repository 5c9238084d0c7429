-- One row for each publish, written in its transaction: the newest is what readers see.
CREATE TABLE IF NOT EXISTS millrace.generations (
  generation BIGINT NOT NULL,
  published_at TIMESTAMP NOT NULL,
  data_version BIGINT NOT NULL,      -- the newest load that had changed a row when it was built
  project_sha256 VARCHAR NOT NULL    -- of the models, tests and endpoints it was built from
)
