-- What the API serves: orders whose date can be true.
select
    order_id,
    source,
    customer_id,
    payment_id,
    voucher_id,
    product_id,
    website,
    order_status,
    voucher_status,
    payment_status,
    order_date,
    payment_date
from {{ ref('orders') }}
where order_date <= cast(current_timestamp as timestamp)
