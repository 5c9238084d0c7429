select value_field, n_records
from (select {column} as value_field, count(*) as n_records from {model} group by {column}) all_values
where value_field not in ({values})
