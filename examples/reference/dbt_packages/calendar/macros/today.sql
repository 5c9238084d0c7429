{%- macro today(tz=None) -%}
    cast({{ calendar.now(tz) }} as date)
{%- endmacro -%}

{%- macro now(tz=None) -%}
    {{ calendar.convert_timezone(dbt.current_timestamp(), tz) }}
{%- endmacro -%}

{%- macro convert_timezone(column, target_tz=None, source_tz=None) -%}
    {%- set target_tz = var("calendar:time_zone") if not target_tz else target_tz -%}
    {{ adapter.dispatch('convert_timezone', 'calendar')(column, target_tz, source_tz) }}
{%- endmacro -%}

{%- macro default__convert_timezone(column, target_tz, source_tz) -%}
    {%- if source_tz -%}
    cast({{ column }} as timestamp) at time zone '{{ source_tz }}' at time zone '{{ target_tz }}'
    {%- else -%}
    cast({{ column }} at time zone '{{ target_tz }}' as timestamp)
    {%- endif -%}
{%- endmacro -%}
