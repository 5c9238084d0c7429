select child.from_field
from (select {column} as from_field from {model} where {column} is not null) child
left join (select {field} as to_field from {parent}) parent on child.from_field = parent.to_field
where parent.to_field is null
