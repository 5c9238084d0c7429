{{
    config(
        materialized='incremental'
    )
}}

select
    cast(order_id as bigint) as order_id,
    source,
    cast(customer_id as bigint) as customer_id,
    try_cast(payment_id as bigint) as payment_id,
    try_cast(voucher_id as bigint) as voucher_id,
    try_cast(product_id as bigint) as product_id,
    website,
    order_status,
    voucher_status,
    payment_status,
    to_timestamp(order_date) as order_date,
    to_timestamp(payment_date) as payment_date
from {{ source('STAGING', 'orders') }}
