#!/usr/bin/env python3
"""Files that are not shaped as the contract says: sources.<name>.schema_contract and on_empty."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import check  # noqa: E402
from millrace_process import HEADER, ProcessTest, csv, main, orders, row  # noqa: E402


class SchemaPolicy(ProcessTest):
    def setUp(self):
        super().setUp()
        self.p = self.project()
        self.delivered = {}

    def policy(self, text):
        self.p.edit("millrace.yaml", "    on_reject: quarantine", f"    {text}\n    on_reject: quarantine")

    def deliver(self, name, data, code=0, without=()):
        """Loads one file; the promises hold, but for those that a policy gives up."""
        self.p.drop(name, data)
        self.delivered.setdefault(f"landing/orders/{name}", []).append(data)
        file, = self.ok(self.p.run("load", "--json"), code).json["files"]
        self.assertEqual([b for b in check(self.p, self.delivered) if not b.startswith(tuple(without))], [])
        return file

    @staticmethod
    def wider(first, values):
        return csv([f"{row(first + i)},{v}" for i, v in enumerate(values)], header=HEADER + ",colour")

    def test_freeze_refuses_a_file_with_an_unknown_column(self):
        self.assertEqual(self.deliver("a.csv", self.wider(100, ["red"]), 1)["code"], "extra_column")

    def test_evolve_adds_the_column_and_later_files_need_not_have_it(self):
        self.policy("schema_contract: {columns: evolve}")
        self.deliver("a.csv", orders(50, 1))
        file = self.deliver("b.csv", self.wider(100, ["red", ""]))
        self.assertEqual((file["rows_loaded"], file["warnings_by_code"]), (2, {"new_column": 1}))
        self.deliver("c.csv", orders(200, 1))
        self.deliver("d.csv", self.wider(300, ["blue"]))
        rows, types = self.p.ask("SELECT order_id, colour FROM raw.orders ORDER BY order_id",
                                 "SELECT data_type FROM information_schema.columns WHERE table_schema = 'raw' "
                                 "AND column_name = 'colour'")
        self.assertEqual([(r["order_id"], r["colour"]) for r in rows],
                         [(50, None), (100, "red"), (101, None), (200, None), (300, "blue")])
        self.assertEqual(types, [{"data_type": "VARCHAR"}])
        self.ok(self.p.run("build"))
        self.p.forget_warehouse()
        self.ok(self.p.run("load"))
        self.assertEqual(self.p.ask("SELECT order_id, colour FROM raw.orders ORDER BY order_id")[0], rows)
        self.assertEqual(check(self.p, self.delivered), [])

    def test_a_crash_while_the_column_is_added_leaves_no_half_of_it(self):
        self.policy("schema_contract: {columns: evolve}")
        self.deliver("a.csv", orders(50, 1))
        data = self.wider(100, ["red"])
        self.p.drop("b.csv", data)
        self.delivered["landing/orders/b.csv"] = [data]
        for point in ("warehouse.statement.before=kill@2", "warehouse.statement.before=kill@4",
                      "warehouse.commit.before=kill@1", "warehouse.commit.after=kill@1"):
            self.ok(self.p.run("load", env={"MILLRACE_FAILPOINTS": point}), -9)
            self.assertEqual(check(self.p, self.delivered, settled=False), [], point)
        self.ok(self.p.run("load"))
        self.assertEqual(check(self.p, self.delivered), [])
        self.assertEqual(self.p.ask("SELECT colour FROM raw.orders ORDER BY order_id")[0], [{"colour": None}, {"colour": "red"}])

    def test_discard_row_and_discard_value(self):
        self.policy("schema_contract: {columns: discard_row, data_type: discard_value}")
        file = self.deliver("a.csv", csv([f"{row(100)},", f"{row(101)},red", f"{row(102, customer_id='x')},",
                                          f"{row(103, payment_id='x')},"], header=HEADER + ",colour"),
                            without=["I10: file 1, line 5"])  # the value is left out
        self.assertEqual(file["rejects_by_code"], {"extra_value": 1, "bad_integer": 1})  # customer_id is required
        self.assertEqual(file["warnings_by_code"], {"discarded_value": 1})
        self.assertEqual(self.p.ask("SELECT payment_id FROM raw.orders WHERE order_id = 103")[0], [{"payment_id": None}])

    def test_missing_columns(self):
        self.policy("schema_contract: {missing_columns: evolve}")
        narrow = csv([row(100).rsplit(",", 1)[0]], header=HEADER.rsplit(",", 1)[0])
        file = self.deliver("a.csv", narrow)
        self.assertEqual((file["rows_loaded"], file["warnings_by_code"]), (1, {"absent_column": 1}))

    def test_a_file_without_rows_may_be_refused(self):
        self.policy("on_empty: refuse")
        self.assertEqual(self.deliver("a.csv", csv([]), 1)["code"], "empty_file")

    def variants(self):
        return [tuple(r.values()) for r in
                self.p.ask("SELECT order_id, payment_id, payment_id__v_text FROM raw.orders ORDER BY order_id")[0]]

    def test_types_evolve_into_variant_columns(self):
        self.policy("schema_contract: {data_type: evolve}")
        self.deliver("a.csv", orders(50, 1))
        many = [row(1000 + i) for i in range(30_000)]
        file = self.deliver("b.csv", csv([row(100, customer_id="x"), *many, row(101, payment_id="12 EUR"), row("x")]),
                            without=["I10: file 2, line 30003"])  # the value is kept elsewhere
        self.assertEqual(file["rejects_by_code"], {"bad_integer": 2}, "what is required does not evolve")
        self.assertEqual(file["warnings_by_code"], {"new_column": 1, "variant_value": 1})
        self.assertIn((101, None, "12 EUR"), self.variants())
        self.deliver("c.csv", csv([row(200, payment_id="free"), row(201)]),
                     without=["I10: file 2, line 30003", "I10: file 3, line 2"])
        self.assertEqual([v for v in self.variants() if v[0] in (50, 200, 201)],
                         [(50, 3, None), (200, None, "free"), (201, 3, None)])
        wanted = self.variants()
        self.p.forget_warehouse()
        self.ok(self.p.run("load"))
        self.assertEqual(self.variants(), wanted)

    def test_a_replay_may_need_a_variant_column_too(self):
        self.deliver("a.csv", csv([row(100), row(101, payment_id="12 EUR")]))
        self.policy("schema_contract: {data_type: evolve}")
        self.assertIn("1 of 1 row loaded", self.ok(self.p.run("quarantine", "replay")).out)
        self.assertEqual(self.variants(), [(100, 3, None), (101, None, "12 EUR")])

    def test_keys_of_json_that_come_late_reach_the_table(self):
        self.p.edit("millrace.yaml", "files: landing/orders/*.csv*", "files: landing/orders/*.ndjson\n    format: ndjson")
        self.policy("schema_contract: {columns: evolve, data_type: evolve}")
        good = {n: v for n, v in zip(HEADER.split(","), row(0).split(",")) if v != ""}
        line = lambda i, **more: json.dumps({**good, "order_id": i, "customer_id": 7, "payment_id": 3, **more})  # noqa: E731
        lines = [line(i) for i in range(30_000)] + [line(30_000, late="a", payment_id="3 EUR"), line(30_001, later={"b": 1})]
        self.p.drop("a.ndjson", "\n".join(lines).encode())
        file, = self.ok(self.p.run("load", "--json")).json["files"]
        self.assertEqual((file["rows_loaded"], file["warnings_by_code"]), (30_002, {"new_column": 3, "variant_value": 1}))
        self.assertEqual([tuple(r.values()) for r in self.p.ask(
            "SELECT order_id, late, later, payment_id__v_text FROM raw.orders WHERE order_id > 29998 ORDER BY 1")[0]],
            [(29_999, None, None, None), (30_000, "a", None, "3 EUR"), (30_001, None, '{"b": 1}', None)])

    def test_a_column_that_the_contract_gets_later(self):
        self.deliver("a.csv", orders(100, 1))
        with open(self.p.folder / "contracts/orders.yaml", "a", encoding="utf-8") as f:
            f.write("      - name: colour\n        logicalType: string\n")
        self.deliver("b.csv", self.wider(200, ["red"]))
        self.assertEqual(self.p.ask("SELECT colour FROM raw.orders ORDER BY order_id")[0], [{"colour": None}, {"colour": "red"}])


if __name__ == "__main__":
    main()
