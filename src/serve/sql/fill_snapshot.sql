-- In key order, so that a page is a run of _mr_row and lies together on disk.
INSERT INTO {table}
SELECT row_number() OVER (ORDER BY {key}) - 1, {values} FROM {relation} ORDER BY {key}
