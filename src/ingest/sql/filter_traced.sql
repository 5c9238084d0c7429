-- By bytes in hexadecimal: the raw bytes of a broken record need not be text. What is found in the middle of a byte is
-- sorted out by the reader of the rows.
l.source = $1 AND l.state = 'loaded' AND ($2 = '' OR contains(hex(q.raw), $2))
  AND (q.file_id > $3 OR (q.file_id = $3 AND q.line > $4))
