UPDATE millrace.fence SET n = n + 1 WHERE n = $1
