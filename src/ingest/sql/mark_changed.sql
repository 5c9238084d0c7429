UPDATE millrace.fence SET data_version = n
