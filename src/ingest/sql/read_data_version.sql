SELECT data_version FROM millrace.fence
