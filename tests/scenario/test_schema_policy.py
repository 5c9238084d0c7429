#!/usr/bin/env python3
"""Files that are not shaped as the contract says: sources.<name>.schema_contract and on_empty."""
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

    def test_types_do_not_evolve_and_a_file_without_rows_may_be_refused(self):
        self.policy("on_empty: refuse")
        self.assertEqual(self.deliver("a.csv", csv([]), 1)["code"], "empty_file")
        self.policy("schema_contract: {data_type: evolve}")
        self.assertIn("found evolve, expected freeze, discard_row or discard_value", self.ok(self.p.run("load"), 2).err)

    def test_a_column_that_the_contract_gets_later(self):
        self.deliver("a.csv", orders(100, 1))
        with open(self.p.folder / "contracts/orders.yaml", "a", encoding="utf-8") as f:
            f.write("      - name: colour\n        logicalType: string\n")
        self.deliver("b.csv", self.wider(200, ["red"]))
        self.assertEqual(self.p.ask("SELECT colour FROM raw.orders ORDER BY order_id")[0], [{"colour": None}, {"colour": "red"}])


if __name__ == "__main__":
    main()
