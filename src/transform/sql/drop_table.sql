DROP TABLE {relation}
