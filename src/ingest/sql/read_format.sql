SELECT n FROM millrace.format
