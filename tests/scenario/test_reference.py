#!/usr/bin/env python3
"""examples/reference: a dbt project as teams have it runs unchanged, and does what dbt does with it, point for point."""
import json
import pathlib
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_process import HEADER, REPOSITORY, ask, main, millrace, row  # noqa: E402

PROFILE = "dwh: {target: dev, outputs: {dev: {type: duckdb, path: DWH_DEV.duckdb, schema: public}}}\n"
FUTURE = "2042-10-17 14:29:05.000"


class Reference(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="millrace-reference-"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        shutil.copytree(REPOSITORY / "examples/reference", self.folder, dirs_exist_ok=True)
        (self.folder / "profiles.yml").write_text(PROFILE)
        rows = [row(i, order_date=FUTURE if i == 195 else "2018-07-12 17:33:04.000") for i in range(1, 201)]
        (self.folder / "orders.csv").write_text("\n".join([HEADER, *rows]) + "\n")
        self.warehouse = self.folder / "DWH_DEV.duckdb"
        ask(self.warehouse, 'CREATE SCHEMA "STAGING"',
            f"CREATE TABLE \"STAGING\".orders AS SELECT * FROM read_csv('{self.folder}/orders.csv', all_varchar=true, nullstr='')")

    def build(self, *words, code=0):
        done = millrace("build", "--project-dir", self.folder, "--compat", "snowflake", *words)
        self.assertEqual(done.code, code, str(done))
        return done

    def counts(self):
        return tuple(ask(self.warehouse, "SELECT (SELECT count(*) FROM public.orders) AS o, (SELECT count(*) FROM public.v_orders) AS v")[0][0].values())

    def statuses(self):
        results = json.loads((self.folder / "target/run_results.json").read_text())["results"]
        return {r["unique_id"]: (r["status"], r["failures"]) for r in results}

    def test_three_builds_end_as_dbts_do(self):
        first = self.build("--no-gate")
        self.assertIn("Done. PASS=9 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=9", first.out)
        self.assertEqual(self.counts(), (200, 199), "the order of 2042 is kept out of gold")

        second = self.build("--no-gate", code=1)
        self.assertIn("Done. PASS=7 WARN=0 ERROR=1 SKIP=1 NO-OP=0 TOTAL=9", second.out)
        self.assertEqual(self.statuses()["test.dwh.unique_orders_order_id.fed79b3a6e"], ("fail", 200))
        self.assertEqual(self.statuses()["model.dwh.v_orders"], ("skipped", None))
        self.assertEqual(self.counts(), (400, 398), "it appends, and a view shows it")

        again = self.build("--no-gate", "--full-refresh")
        self.assertIn("Done. PASS=9 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=9", again.out)
        self.assertEqual(self.counts(), (200, 199))

    def test_behind_the_gate_the_second_build_changes_nothing(self):
        self.build()
        told = self.build(code=1)
        self.assertIn("unique_orders_order_id", told.out)
        self.assertEqual(self.counts(), (200, 199))

    def test_strict_gives_dbts_error_for_a_packages_var(self):
        done = self.build("--strict", code=1)
        self.assertIn("var('calendar:time_zone') is not set", done.out)
        self.assertIn("--vars", done.out)
        self.assertIn("nothing has changed", done.out)
        self.build("--strict", "--vars", '{"calendar:time_zone": "UTC"}')

    def test_a_schema_beside_the_name_is_no_config(self):
        self.build()
        tables = {tuple(r.values()) for r in ask(self.warehouse, "SELECT table_schema, table_name FROM information_schema.tables")[0]}
        self.assertEqual(tables, {("STAGING", "orders"), ("public", "orders"), ("public", "v_orders")})


if __name__ == "__main__":
    main()
