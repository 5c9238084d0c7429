SELECT {columns} FROM read_parquet({path})
