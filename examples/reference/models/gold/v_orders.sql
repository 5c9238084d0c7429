{{ config(materialized='view') }}

select *
from {{ ref('orders') }}
where cast(order_date as date) <= {{ calendar.today() }}
