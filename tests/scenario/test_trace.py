#!/usr/bin/env python3
"""From a key to the file, the line and the bytes."""
import gzip
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import check  # noqa: E402
from millrace_process import ProcessTest, csv, main, orders, row  # noqa: E402


class Trace(ProcessTest):
    def setUp(self):
        super().setUp()
        self.p = self.project()

    def test_a_row_leads_to_its_bytes(self):
        self.p.drop("a.csv", orders(22224390, 10))
        self.ok(self.p.run("load"))
        told = self.ok(self.p.run("trace", "orders", "22224396")).out
        self.assertIn("file      landing/orders/a.csv", told)
        self.assertIn("line      8", told)
        self.assertIn("raw       " + row(22224396), told)
        document = self.ok(self.p.run("trace", "orders", "22224396", "--json")).json
        found, = document["rows"]
        data = (self.p.lake / found["archive_key"]).read_bytes()
        self.assertEqual(data[found["byte_offset"]:found["byte_offset"] + found["byte_length"]].decode().strip(), found["raw"])
        for name in ("raw.orders", "/orders/", "gold.v_orders"):
            self.assertEqual(self.ok(self.p.run("trace", name, "22224396", "--json")).json, document)
        self.assertEqual(check(self.p, {"landing/orders/a.csv": [orders(22224390, 10)]}), [])

    def test_packed_files_are_read_through(self):
        self.p.drop("a.csv.gz", gzip.compress(orders(100, 10), mtime=0))
        self.ok(self.p.run("load"))
        found, = self.ok(self.p.run("trace", "orders", "104", "--json")).json["rows"]
        self.assertEqual((found["line"], found["raw"]), (6, row(104)))

    def test_quarantined_rows_that_hold_the_key_are_told(self):
        self.p.drop("a.csv", csv([row(100), row(101, customer_id="?"), row(1010)]))
        self.ok(self.p.run("load"))
        document = self.ok(self.p.run("trace", "orders", "101", "--json")).json
        self.assertEqual(document["rows"], [])
        self.assertEqual([(q["line"], q["code"]) for q in document["quarantined"]], [(3, "bad_integer")])

    def test_superseded_rows_are_told_too(self):
        self.p.edit("millrace.yaml", "    on_reject: quarantine", "    on_duplicate_key: newest\n    on_reject: quarantine")
        self.p.drop("a.csv", orders(100, 1))
        self.ok(self.p.run("load"))
        self.p.drop("b.csv", orders(100, 1, website="VVBE"))
        self.ok(self.p.run("load"))
        rows = self.ok(self.p.run("trace", "orders", "100", "--json")).json["rows"]
        self.assertEqual([(r["file"], r["superseded_by"]) for r in rows],
                         [("landing/orders/b.csv", 0), ("landing/orders/a.csv", 2)])

    def test_nothing_found_and_mistakes(self):
        self.p.drop("a.csv", orders(100, 1))
        self.ok(self.p.run("load"))
        self.assertIn("no row of raw.orders has order_id 7", self.ok(self.p.run("trace", "orders", "7"), 1).err)
        self.assertIn("did you mean orders?", self.ok(self.p.run("trace", "order", "7"), 2).err)
        self.assertIn("expected a value of type BIGINT", self.ok(self.p.run("trace", "orders", "seven"), 2).err)
        self.assertIn("found 2 values, expected one for each of order_id", self.ok(self.p.run("trace", "orders", "1", "2"), 2).err)

    def test_a_file_that_is_gone_leaves_the_rest_of_the_answer(self):
        self.p.drop("a.csv", orders(100, 1))
        self.ok(self.p.run("load"))
        next((self.p.lake / "processed").rglob("*.csv")).unlink()
        self.assertIn("raw       cannot be read: the bytes of landing/orders/a.csv (file 1) are not at",
                      self.ok(self.p.run("trace", "orders", "100")).out)


if __name__ == "__main__":
    main()
