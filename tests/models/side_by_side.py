#!/usr/bin/env python3
"""Real dbt and Millrace run the same projects; the status of every node and the rows of every relation must be equal.

Optional: it fetches dbt-core and dbt-duckdb from PyPI into build/rivals/dbt, and says so where they cannot be had.
  ./dev test --s3 does not run it; run it by hand: python3 tests/models/side_by_side.py
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_process import HEADER, REPOSITORY, ask, millrace, row  # noqa: E402

VENV = pathlib.Path(os.environ.get("MILLRACE_DBT_VENV", REPOSITORY / "build/rivals/dbt"))
PROFILE = "side: {target: dev, outputs: {dev: {type: duckdb, path: W.duckdb, schema: main}}}\n"

SHOP = {
    "dbt_project.yml": "name: shop\nprofile: side\nseeds: {shop: {codes: {+column_types: {code: varchar}}}}\n"
                       "models: {shop: {+materialized: table, staging: {+materialized: view}}}\n",
    "seeds/raw_orders.csv": "id,user_id,order_date,status\n1,1,2018-01-01,returned\n2,3,2018-01-02,completed\n3,,2018-01-04,completed\n",
    "seeds/raw_payments.csv": "id,order_id,payment_method,amount\n1,1,credit_card,1000\n2,2,coupon,2000\n3,3,cash,5\n",
    "seeds/codes.csv": "code,share,ok\n007,0.5,true\n008,1.25,false\n",
    "models/staging/stg_orders.sql": "select id as order_id, user_id as customer_id, order_date, status from {{ ref('raw_orders') }}",
    "models/staging/stg_payments.sql": "select id as payment_id, order_id, payment_method, amount / 100 as amount from {{ ref('raw_payments') }}",
    "models/orders.sql": "{% set methods = ['credit_card', 'coupon'] %}\nwith p as (select order_id, {% for m in methods -%} sum(case when "
                         "payment_method = '{{ m }}' then amount else 0 end) as {{ m }}_amount, {% endfor -%} sum(amount) as total from "
                         "{{ ref('stg_payments') }} group by order_id)\nselect o.*, p.total from {{ ref('stg_orders') }} o left join p using (order_id)",
    "models/picked.sql": "{{ config(materialized='ephemeral') }}select * from {{ ref('orders') }} where status = 'completed'",
    "models/last.sql": "select count(*) as n from {{ ref('picked') }}",
    "models/broken.sql": "select nothing_of_that_name from {{ ref('orders') }}",
    "models/after_broken.sql": "select * from {{ ref('broken') }}",
    "models/schema.yml": "version: 2\nmodels:\n  - name: orders\n    columns:\n      - {name: order_id, tests: [unique, not_null]}\n"
                         "      - name: customer_id\n        tests: [{not_null: {config: {severity: warn}}}]\n"
                         "      - name: status\n        tests: [{accepted_values: {values: [returned, completed]}}]\n"
                         "  - name: stg_payments\n    columns:\n      - name: payment_method\n        tests:\n"
                         "          - accepted_values: {values: [credit_card, coupon], config: {severity: warn}}\n"
                         "      - name: order_id\n        tests: [{relationships: {to: ref('stg_orders'), field: order_id}}]\n",
    "tests/few.sql": "select * from {{ ref('orders') }} where order_id > 2",
}
GROWING = {
    "dbt_project.yml": "name: growing\nprofile: side\nvars: {start: 1}\n",
    "macros/m.sql": "{% macro generate_schema_name(custom_schema_name, node) %}{{ custom_schema_name or target.schema }}{% endmacro %}\n"
                    "{% macro doubled(c) %}({{ c }} * 2){% endmacro %}{% test positive(model, column_name) %}select * from {{ model }} where "
                    "{{ column_name }} <= 0{% endtest %}",
    "models/appended.sql": "{{ config(materialized='incremental') }}select {{ var('start') }} as id, {{ doubled(3) }} as n",
    "models/keyed.sql": "{{ config(materialized='incremental', unique_key='id') }}select * from (values (1, {{ var('start') }}), "
                        "({{ var('start') }} + 10, 2)) t(id, n)",
    "models/merged.sql": "{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id', schema='gold') }}"
                         "select * from (values (1, {{ var('start') }}), ({{ var('start') }} + 10, 2)) t(id, n)",
    "models/wider.sql": "{{ config(materialized='incremental', on_schema_change='append_new_columns') }}select {{ var('start') }} as id"
                        "{% if var('start') > 1 %}, 5 as more{% endif %}",
    "models/since.sql": "{{ config(materialized='incremental') }}select coalesce({% if is_incremental() %}(select max(id) from {{ this }})"
                        "{% else %}0{% endif %}, 0) + 1 as id",
    "models/schema.yml": "version: 2\nmodels:\n  - {name: appended, columns: [{name: id, tests: [positive, unique]}]}\n"
                         "  - {name: keyed, columns: [{name: id, tests: [unique, {positive: {config: {where: 'n > 0', limit: 3}}}]}]}\n"
                         "  - {name: merged, columns: [{name: n, tests: [{not_null: {config: {warn_if: '>5', error_if: '>9'}}}]}]}\n",
}


def reference():
    files = {}
    root = REPOSITORY / "examples/reference"
    for path in root.rglob("*"):
        if path.is_file():
            files[str(path.relative_to(root))] = path.read_text()
    files["dbt_project.yml"] = files["dbt_project.yml"].replace("profile: dwh", "profile: side")
    files["packages.yml"] = ""  # vendored: dbt would look for a hub
    files["sources/staging.yml"] = files["sources/staging.yml"].replace("DWH_DEV", "W")
    return files


def stage_orders(folder):
    rows = [row(i, order_date="2042-10-17 14:29:05.000" if i == 195 else "2018-07-12 17:33:04.000") for i in range(1, 201)]
    (folder / "orders.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    ask(folder / "W.duckdb", 'CREATE SCHEMA "STAGING"',
        f"CREATE TABLE \"STAGING\".orders AS SELECT * FROM read_csv('{folder}/orders.csv', all_varchar=true, nullstr='')",
        "CREATE MACRO main.to_timestamp(x) AS CAST(x AS TIMESTAMP)")


# Name, files, what is done before, and the builds.
PROJECTS = [
    ("shop", SHOP, None, [["build"], ["build"], ["test", "--select", "orders"], ["run", "--select", "+last", "--exclude", "stg_orders"]]),
    ("growing", GROWING, None, [["build"], ["build", "--vars", "{start: 2}"], ["build", "--full-refresh"], ["run", "--vars", "{start: 3}"]]),
    ("reference", reference(), stage_orders,
     [["build", "--vars", "{'calendar:time_zone': UTC}"], ["build", "--vars", "{'calendar:time_zone': UTC}"],
      ["build", "--vars", "{'calendar:time_zone': UTC}", "--full-refresh"]]),
]


def write(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "profiles.yml").write_text(PROFILE)


def outcome(folder):
    results = json.loads((folder / "target/run_results.json").read_text())["results"]
    return {r["unique_id"]: (r["status"], r["failures"]) for r in results}


def rows(folder):
    tables = ask(folder / "W.duckdb", "SELECT table_schema || '.' || table_name AS t FROM information_schema.tables ORDER BY 1")[0]
    counts = {}
    for t in tables:
        counts[t["t"]] = ask(folder / "W.duckdb", f"SELECT count(*) AS n FROM {t['t']}")[0][0]["n"]
    return counts


def dbt_is_here():
    if (VENV / "bin/dbt").exists():
        return True
    subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    got = subprocess.run([VENV / "bin/pip", "install", "-q", "dbt-core==1.11.*", "dbt-duckdb", "duckdb==1.5.*"], check=False)
    return got.returncode == 0


def main():
    if not dbt_is_here():
        print("skipped: dbt-core and dbt-duckdb could not be installed from PyPI")
        return 0
    different = 0
    print(f"{'project':<10} {'command':<48} {'nodes':>5} {'equal':>6}  rows")
    for name, files, prepare, commands in PROJECTS:
        with tempfile.TemporaryDirectory(prefix="millrace-side-") as scratch:
            theirs, ours = pathlib.Path(scratch) / "dbt", pathlib.Path(scratch) / "millrace"
            for folder in (theirs, ours):
                write(folder, files)
                if prepare:
                    prepare(folder)
            for words in commands:
                dbt = subprocess.run([VENV / "bin/dbt", "-q", "--no-send-anonymous-usage-stats", *words, "--profiles-dir", "."], cwd=theirs,
                                     capture_output=True, text=True, check=False)
                mine = millrace(*words, "--no-gate", cwd=ours) if words[0] != "test" else millrace(*words, cwd=ours)
                want, got = outcome(theirs), outcome(ours)
                wrong = {k: (want.get(k), got.get(k)) for k in want.keys() | got.keys() if want.get(k) != got.get(k)}
                want_rows, got_rows = rows(theirs), rows(ours)
                if want_rows != got_rows:
                    wrong["rows"] = (want_rows, got_rows)
                if (dbt.returncode == 0) != (mine.code == 0):
                    wrong["exit code"] = (dbt.returncode, mine.code)
                different += len(wrong)
                print(f"{name:<10} {' '.join(words):<48} {len(want):>5} {len(want) - len([k for k in wrong if '.' in k]):>6}  "
                      f"{'equal' if want_rows == got_rows else 'DIFFER'}, {sum(want_rows.values())} in {len(want_rows)} relations")
                for key, (a, b) in sorted(wrong.items()):
                    print(f"    {key}: dbt {a}, millrace {b}")
            shutil.rmtree(theirs / "target", ignore_errors=True)
    print("all equal" if different == 0 else f"{different} differences")
    return 0 if different == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
