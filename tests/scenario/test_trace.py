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

    def test_short_keys_are_found_among_many_quarantined_rows(self):
        broken = [row(1000 + i, customer_id="?") for i in range(3000)]  # 35 and 37 stand in all of them, in hexadecimal too
        self.p.drop("a.csv", csv([*broken, row("007", customer_id="?"), row(5, customer_id="?"), row(57, payment_id="5x")]))
        self.ok(self.p.run("load"))
        for key, line in (("7", 3002), ("007", 3002), ("5", 3003), ("57", 3004)):
            found = self.ok(self.p.run("trace", "orders", key, "--json")).json["quarantined"]
            self.assertEqual([q["line"] for q in found], [line], key)
        self.ok(self.p.run("trace", "orders", "3"), 1)  # payment_id of every row, and the key of none
        self.assertIn("expected a value of type BIGINT", self.ok(self.p.run("trace", "orders", "5.2"), 2).err)

    def test_keys_of_several_columns_text_keys_and_keys_without_a_value(self):
        contract = "contracts/orders.yaml"
        self.p.edit(contract, "        logicalType: integer\n        primaryKey: true\n        unique: true\n",
                    "        logicalType: string\n        primaryKey: true\n        primaryKeyPosition: 1\n")
        self.p.edit(contract, "      - name: source\n        logicalType: string\n",
                    "      - name: source\n        logicalType: string\n        primaryKey: true\n        primaryKeyPosition: 2\n")
        for path in ("models/silver/orders.sql", "models/gold/v_orders.sql"):
            self.assertTrue((self.p.folder / path).exists())
        self.p.drop("a.csv", csv([row("007", source="a"), row("7", source="a"), row("7", source="b,c".join('""')), row("7", source="b", customer_id="?"),
                                  row('"x""y"', source="a", customer_id="?"), "7,b"]))
        self.ok(self.p.run("load"))
        def lines(*key):
            found = self.ok(self.p.run("trace", "orders", *key, "--json")).json
            return [r["line"] for r in found["rows"]], [q["line"] for q in found["quarantined"]]
        self.assertEqual(lines("007", "a"), ([2], []))
        self.assertEqual(lines("7", "a"), ([3], []))
        self.assertEqual(lines("7", "b,c"), ([4], []))
        self.assertEqual(lines("7", "b"), ([], [5, 7]))
        self.assertEqual(lines('x"y', "a"), ([], [6]))

    def test_a_unique_column_without_a_value_is_asked_for_with_nothing(self):
        contract = "contracts/orders.yaml"
        self.p.edit(contract, "        primaryKey: true\n        unique: true\n", "")
        self.p.edit(contract, "      - name: voucher_id\n        logicalType: integer\n",
                    "      - name: voucher_id\n        logicalType: integer\n        unique: true\n")
        self.p.drop("a.csv", csv([row(1), row(2, voucher_id=7), row(3), row(4, customer_id="?")]))
        self.ok(self.p.run("load"))
        found = self.ok(self.p.run("trace", "orders", "", "--json")).json
        self.assertEqual(([r["line"] for r in found["rows"]], [q["line"] for q in found["quarantined"]]), ([4, 2], [5]))
        self.assertIn("orders voucher_id NULL", self.ok(self.p.run("trace", "orders", "")).out)

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
