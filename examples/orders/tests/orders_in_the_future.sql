-- Reported, and kept out of gold: an order cannot be younger than now.
{{ config(severity='warn') }}
select order_id, order_date, payment_date, _mr_file_id, _mr_line
from {{ ref('orders') }}
where order_date > cast(current_timestamp as timestamp)
