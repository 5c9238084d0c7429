SELECT n FROM millrace.fence
