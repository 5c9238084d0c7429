CREATE OR REPLACE TABLE {relation} AS
{query}
