-- What the file says of itself: fewer rows than that are no result.
SELECT num_rows::BIGINT FROM parquet_file_metadata({path})
