#!/usr/bin/env python3
"""A failing data test stops the publish: it is named, with example rows, and the old generation is still served."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_process import ProcessTest, csv, main, orders, row, wait_until  # noqa: E402

SINGULAR = "select order_id, website from {{ ref('orders') }} where website = 'FORBIDDEN'\n"


class Gate(ProcessTest):
    def setUp(self):
        super().setUp()
        self.p = self.project()

    def forbid(self):
        (self.p.folder / "tests/no_forbidden_website.sql").write_text(SINGULAR)

    def test_build_names_the_test_its_count_and_example_rows(self):
        self.forbid()
        self.p.drop("a.csv", orders(1, 3))
        self.p.drop("b.csv", csv([row(10, website="FORBIDDEN"), row(11, website="FORBIDDEN"), row(12)]))
        self.ok(self.p.run("load"))
        told = self.ok(self.p.run("build"), 1)
        self.assertIn("no_forbidden_website", told.out)
        self.assertIn("2 rows", told.out)
        self.assertIn('"order_id":10', told.out)
        self.assertIn("nothing was published", told.out)
        build = self.ok(self.p.run("build", "--json"), 1).json["build"]
        self.assertEqual((build["published"], build["generation"]), (False, 0))
        test = next(t for t in build["tests"] if t["status"] == "fail")
        self.assertEqual((test["name"], test["failures"], len(test["examples"])), ("no_forbidden_website", 2, 2))
        self.assertIn("no_forbidden_website", build["refused"])
        tables = {r["t"] for r in self.p.ask("SELECT table_schema || '.' || table_name AS t FROM information_schema.tables")[0]}
        self.assertNotIn("gold.v_orders", tables, "what was built is rolled back")
        self.assertEqual(self.p.ask("SELECT count(*) AS n FROM millrace.generations")[0][0]["n"], 0)

    def test_a_generic_test_of_a_column_stops_the_publish_too(self):
        self.p.edit("models/gold/schema.yml", "[EXPIRED, INVALID, PAID_TO_SUPPLIER, USED]", "[EXPIRED]")
        self.p.drop("a.csv", csv([row(1, voucher_status="EXPIRED"), row(2, voucher_status="USED"), row(3)]))
        self.ok(self.p.run("load"))
        build = self.ok(self.p.run("build", "--json"), 1).json["build"]
        test = next(t for t in build["tests"] if t["status"] == "fail")
        self.assertIn("accepted_values_v_orders", test["name"])
        self.assertEqual(test["failures"], 1)
        self.assertIn("USED", test["examples"][0])

    def test_a_warning_publishes(self):
        (self.p.folder / "tests/warned.sql").write_text("{{ config(severity='warn') }}\n" + SINGULAR)
        self.p.drop("b.csv", csv([row(10, website="FORBIDDEN")]))
        self.ok(self.p.run("load"))
        build = self.ok(self.p.run("build", "--json")).json["build"]
        self.assertEqual([t["failures"] for t in build["tests"] if t["name"] == "warned"], [1])
        self.assertTrue(build["published"])

    def test_the_old_generation_is_served_until_the_test_passes_again(self):
        self.p.drop("a.csv", orders(1, 3))
        with self.p.up() as up:
            wait_until(lambda: up.served()[1] == 3, "the first orders", context=up.story)
            generation = up.served()[0]
            before = up.get("/orders/")[2]
            self.forbid()
            self.p.drop("b.csv", csv([row(10, website="FORBIDDEN"), row(11)]))
            refused = up.wait_for("build", published=False)
            self.assertEqual(refused["generation"], generation)
            self.assertIn("no_forbidden_website", refused["refused"])
            self.assertEqual(up.served(), (generation, 3))
            self.assertEqual(up.get("/orders/")[2], before)
            self.assertEqual(up.get("/orders/11")[0], 404)
            self.assertEqual(up.get("/readyz")[0], 200, "yesterday's data can be served")

            self.p.drop("b.csv", csv([row(10, website="VVNL"), row(11)]))  # the sender corrects it
            wait_until(lambda: up.served()[1] == 5, "the corrected orders", context=up.story)
            self.assertEqual(up.served()[0], generation + 1)
            self.assertEqual(up.stop(), 1, "a publish was refused in this run")

    def test_a_refused_publish_is_taken_up_again_after_a_restart(self):
        self.p.drop("a.csv", orders(1, 3))
        self.ok(self.p.run("load"))
        self.ok(self.p.run("build"))
        self.forbid()
        self.p.drop("b.csv", csv([row(10, website="FORBIDDEN")]))
        self.ok(self.p.run("load"))
        self.ok(self.p.run("build"), 1)
        with self.p.up() as up:
            up.wait_for("build", published=False)
            self.assertEqual(up.served(), (1, 3))
        (self.p.folder / "tests/no_forbidden_website.sql").unlink()
        with self.p.up() as up:
            wait_until(lambda: up.served() == (2, 4), "all orders", context=up.story)
            self.stopped(up)

    def test_the_tests_alone(self):
        self.p.drop("a.csv", orders(1, 3))
        self.ok(self.p.run("load"))
        self.ok(self.p.run("build"))
        tests = self.ok(self.p.run("test", "--json")).json["build"]["tests"]
        self.assertEqual({t["status"] for t in tests}, {"pass"})
        self.p.edit("tests/orders_in_the_future.sql", "order_date > cast(current_timestamp as timestamp)", "order_id > 1")
        self.p.edit("tests/orders_in_the_future.sql", "severity='warn'", "severity='error'")
        done = self.ok(self.p.run("test", "--json"), 1)
        self.assertEqual([(t["name"], t["failures"]) for t in done.json["build"]["tests"] if t["status"] == "fail"],
                         [("orders_in_the_future", 2)])
        self.assertEqual(self.p.ask("SELECT count(*) AS n FROM millrace.generations")[0][0]["n"], 1)


if __name__ == "__main__":
    main()
