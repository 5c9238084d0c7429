DROP VIEW {relation}
