UPDATE millrace.fence SET n = $1 WHERE n < $1
