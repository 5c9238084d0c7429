#!/usr/bin/env python3
"""The real orders, dropped while `up` runs: loaded, flagged, built, tested, served, recognised when they come again.

Skipped where the sample is absent: MILLRACE_ORDERS_SAMPLE names it, else ../shared/data/orders_sample.csv.
"""
import pathlib
import shutil
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import check  # noqa: E402
from millrace_process import REAL_ORDERS, ProcessTest, main, sha256, wait_until  # noqa: E402

FUTURE_ORDER = 22224396  # of 2042
COUNTS = ["SELECT count(*) AS n FROM raw.orders", "SELECT count(*) AS n FROM silver.orders",
          "SELECT count(*) AS n FROM gold.v_orders"]


@unittest.skipUnless(REAL_ORDERS.is_file(), f"needs the real orders in {REAL_ORDERS}; set MILLRACE_ORDERS_SAMPLE")
class RealOrders(ProcessTest):
    def setUp(self):
        super().setUp()
        self.bytes = REAL_ORDERS.read_bytes()
        self.p = self.project()

    def drop_by_copy(self, name):
        """As a user does: cp."""
        shutil.copyfile(REAL_ORDERS, self.p.landing / name)
        return time.monotonic()

    def counts(self):
        return [rows[0]["n"] for rows in self.p.ask(*COUNTS)]

    def test_from_drop_to_api(self):
        with self.p.up() as up:
            self.assertEqual(up.served(), (1, 0), "an empty project serves no orders")
            dropped = self.drop_by_copy("orders_sample.csv")
            wait_until(lambda: up.served()[1] > 0, "the orders at the API", context=up.story)
            seconds = time.monotonic() - dropped
            print(f"{seconds:.2f} s from drop to visible")
            self.assertLess(seconds, 15)
            self.assertEqual(up.served(), (2, 199))

            status, _, page = up.get("/orders/?limit=1000")
            self.assertEqual((status, page["count"], len(page["data"])), (200, 199, 199))
            self.assertNotIn(FUTURE_ORDER, [o["order_id"] for o in page["data"]])
            self.assertEqual(up.get(f"/orders/{FUTURE_ORDER}")[0], 404)
            status, _, order = up.get("/orders/20771583")
            self.assertEqual(status, 200)
            self.assertEqual([order[c] for c in ("source", "customer_id", "website", "order_status", "order_date")],
                             ["services", 10432878, "VVNL", "PAID", "2018-07-12T17:33:04"])
            self.assertEqual(order["order_date"][:10], "2018-07-12")

            file = up.wait_for("file", state="loaded")
            self.assertEqual([file[m] for m in ("key", "sha256", "records", "rows_loaded", "rows_quarantined", "rows_flagged")],
                             ["landing/orders/orders_sample.csv", sha256(self.bytes), 200, 200, 0, 2])
            flags = {f["code"]: f for f in file["flag_examples"]}
            self.assertEqual(set(flags), {"in_the_future", "not_accepted"})
            self.assertIn("2042-10-17 14:29:05", flags["in_the_future"]["reason"])
            self.assertIn("EXPRIED", flags["not_accepted"]["reason"])

            build = up.wait_for("build", generation=2)
            self.assertTrue(build["published"])
            self.assertEqual({m["relation"]: m["rows"] for m in build["models"]}["silver.orders"], 200)
            test = next(t for t in build["tests"] if t["name"] == "orders_in_the_future")
            self.assertEqual((test["status"], test["failures"]), ("warn", 1))
            self.assertIn(str(FUTURE_ORDER), test["examples"][0])
            self.assertEqual({t["status"] for t in build["tests"]}, {"pass", "warn"})
            self.stopped(up)
        self.assertEqual(self.counts(), [200, 200, 199])
        self.assertEqual(check(self.p, {"landing/orders/orders_sample.csv": [self.bytes]}), [])

    def test_the_same_bytes_come_again(self):
        with self.p.up() as up:
            self.drop_by_copy("orders_sample.csv")
            self.assertFalse(up.wait_for("file", file_id=1)["duplicate_of"])
            wait_until(lambda: up.served()[1] == 199, "the orders at the API", context=up.story)
            generation = up.served()[0]
            self.drop_by_copy("orders_sample.csv")
            again = up.wait_for("file", file_id=2)
            self.drop_by_copy("another name.csv")
            elsewhere = up.wait_for("file", file_id=3)
            for event in (again, elsewhere):
                self.assertEqual((event["state"], event["rows_loaded"], event["duplicate_of"]),
                                 ("duplicate", 0, "landing/orders/orders_sample.csv"))
            wait_until(lambda: not self.p.landed(), "an empty landing folder", context=up.story)
            time.sleep(0.5)  # a publish would come now
            self.assertEqual(up.served(), (generation, 199), "nothing has changed, nothing is published")
            self.stopped(up)
        with self.p.up() as up:  # a restart forgets nothing
            self.drop_by_copy("orders_sample.csv")
            self.assertEqual(up.wait_for("file", file_id=4)["state"], "duplicate")
            self.assertEqual(up.served()[1], 199)
            self.stopped(up)
        self.drop_by_copy("third.csv")
        self.assertEqual(self.ok(self.p.run("load", "--json")).json["files"][0]["state"], "duplicate")

        self.assertEqual(self.counts()[:2], [200, 200])
        self.assertEqual(self.p.ask("SELECT file_id, state, duplicate_of FROM millrace.ledger ORDER BY file_id")[0],
                         [{"file_id": 1, "state": "loaded", "duplicate_of": None},
                          *[{"file_id": i, "state": "duplicate", "duplicate_of": 1} for i in (2, 3, 4, 5)]])
        self.assertEqual(self.p.landed(), [])
        self.assertEqual(self.p.files_in("processed"), {"orders_sample~000001.csv": self.bytes}, "one copy is kept")
        self.assertEqual(check(self.p, {f"landing/orders/{n}": [self.bytes] for n in
                                        ("orders_sample.csv", "another name.csv", "third.csv")}), [])


if __name__ == "__main__":
    main()
