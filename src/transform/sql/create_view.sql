CREATE OR REPLACE VIEW {relation} AS
{query}
