#include "transform/render/snowflake_compat.h"

#include <array>
#include <string>

namespace millrace::transform {
namespace {

constexpr std::array kFunctions{
    // Shadows the built-in of one DOUBLE: models cast text, as COPY INTO has left it.
    CompatFunction{"to_timestamp", "CREATE OR REPLACE MACRO main.to_timestamp(x) AS CAST(x AS TIMESTAMP)"},
    CompatFunction{"to_timestamp_ntz", "CREATE OR REPLACE MACRO main.to_timestamp_ntz(x) AS CAST(x AS TIMESTAMP)"},
    CompatFunction{"to_timestamp_tz", "CREATE OR REPLACE MACRO main.to_timestamp_tz(x) AS CAST(x AS TIMESTAMPTZ)"},
    CompatFunction{"to_date", "CREATE OR REPLACE MACRO main.to_date(x) AS CAST(x AS DATE)"},
    CompatFunction{"to_varchar", "CREATE OR REPLACE MACRO main.to_varchar(x) AS CAST(x AS VARCHAR)"},
    CompatFunction{"to_char", "CREATE OR REPLACE MACRO main.to_char(x) AS CAST(x AS VARCHAR)"},
    CompatFunction{"to_number", "CREATE OR REPLACE MACRO main.to_number(x) AS CAST(x AS DECIMAL(38, 0))"},
    CompatFunction{"to_double", "CREATE OR REPLACE MACRO main.to_double(x) AS CAST(x AS DOUBLE)"},
    CompatFunction{"to_boolean", "CREATE OR REPLACE MACRO main.to_boolean(x) AS CAST(x AS BOOLEAN)"},
    CompatFunction{"try_to_timestamp", "CREATE OR REPLACE MACRO main.try_to_timestamp(x) AS TRY_CAST(x AS TIMESTAMP)"},
    CompatFunction{"try_to_date", "CREATE OR REPLACE MACRO main.try_to_date(x) AS TRY_CAST(x AS DATE)"},
    CompatFunction{"try_to_number", "CREATE OR REPLACE MACRO main.try_to_number(x) AS TRY_CAST(x AS DECIMAL(38, 0))"},
    CompatFunction{"try_to_double", "CREATE OR REPLACE MACRO main.try_to_double(x) AS TRY_CAST(x AS DOUBLE)"},
    CompatFunction{"try_to_boolean", "CREATE OR REPLACE MACRO main.try_to_boolean(x) AS TRY_CAST(x AS BOOLEAN)"},
    CompatFunction{"iff", "CREATE OR REPLACE MACRO main.iff(c, a, b) AS CASE WHEN c THEN a ELSE b END"},
    CompatFunction{"nvl", "CREATE OR REPLACE MACRO main.nvl(a, b) AS coalesce(a, b)"},
    CompatFunction{"nvl2", "CREATE OR REPLACE MACRO main.nvl2(x, a, b) AS CASE WHEN x IS NOT NULL THEN a ELSE b END"},
    CompatFunction{"zeroifnull", "CREATE OR REPLACE MACRO main.zeroifnull(x) AS coalesce(x, 0)"},
    CompatFunction{"nullifzero", "CREATE OR REPLACE MACRO main.nullifzero(x) AS nullif(x, 0)"},
    CompatFunction{"div0", "CREATE OR REPLACE MACRO main.div0(a, b) AS CASE WHEN b = 0 THEN 0 ELSE a / b END"},
    CompatFunction{"div0null",
                   "CREATE OR REPLACE MACRO main.div0null(a, b) AS CASE WHEN b = 0 OR b IS NULL THEN 0 ELSE a / b END"},
    CompatFunction{"dateadd",
                   "CREATE OR REPLACE MACRO main.dateadd(part, n, d) AS "
                   "CAST(d AS TIMESTAMP) + n * CAST('1 ' || part AS INTERVAL)"},
    CompatFunction{"timestampadd",
                   "CREATE OR REPLACE MACRO main.timestampadd(part, n, d) AS "
                   "CAST(d AS TIMESTAMP) + n * CAST('1 ' || part AS INTERVAL)"},
    CompatFunction{"timestampdiff",
                   "CREATE OR REPLACE MACRO main.timestampdiff(part, a, b) AS "
                   "date_diff(part, CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP))"},
    CompatFunction{"sysdate", "CREATE OR REPLACE MACRO main.sysdate() AS (now() AT TIME ZONE 'UTC')"},
    CompatFunction{"charindex", "CREATE OR REPLACE MACRO main.charindex(part, x) AS strpos(x, part)"},
    CompatFunction{"len", "CREATE OR REPLACE MACRO main.len(x) AS length(x)"},
    CompatFunction{"startswith", "CREATE OR REPLACE MACRO main.startswith(x, y) AS starts_with(x, y)"},
    CompatFunction{"endswith", "CREATE OR REPLACE MACRO main.endswith(x, y) AS ends_with(x, y)"},
    CompatFunction{"booland_agg", "CREATE OR REPLACE MACRO main.booland_agg(x) AS bool_and(x)"},
    CompatFunction{"boolor_agg", "CREATE OR REPLACE MACRO main.boolor_agg(x) AS bool_or(x)"},
    CompatFunction{"array_size", "CREATE OR REPLACE MACRO main.array_size(x) AS len(x)"},
};

}  // namespace

std::span<const CompatFunction> snowflake_functions() { return kFunctions; }

Status make_snowflake_functions(warehouse::Session& session) {
  warehouse::Batch batch{"functions of compat: snowflake", {}};
  for (const CompatFunction& f : kFunctions)
    batch.statements.push_back({"compat " + std::string(f.name), std::string(f.statement)});
  return session.commit(batch);
}

}  // namespace millrace::transform
