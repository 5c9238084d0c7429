#!/usr/bin/env python3
"""Rows with a key that is loaded already: on_duplicate_key, and keys that are corrected to bytes held elsewhere."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import check, contents  # noqa: E402
from millrace_process import ProcessTest, csv, main, orders, row  # noqa: E402


class Duplicates(ProcessTest):
    def setUp(self):
        super().setUp()
        self.p = self.project()
        self.delivered = {}

    def policy(self, text):
        self.p.edit("millrace.yaml", "    on_reject: quarantine", f"    on_duplicate_key: {text}\n    on_reject: quarantine")

    def deliver(self, name, data, code=0):
        self.p.drop(name, data)
        self.delivered.setdefault(f"landing/orders/{name}", []).append(data)
        file, = self.ok(self.p.run("load", "--json"), code).json["files"]
        self.assertEqual(check(self.p, self.delivered), [])
        return file

    def websites(self):
        rows, = self.p.ask("SELECT order_id, website FROM raw.orders ORDER BY order_id, _mr_file_id")
        return [(r["order_id"], r["website"]) for r in rows]

    def rebuilt(self):
        """raw and gold from an empty warehouse and processed/."""
        self.p.forget_warehouse()
        self.ok(self.p.run("load"))
        self.ok(self.p.run("build"))
        self.assertEqual(check(self.p, self.delivered), [])
        return contents(self.p.warehouse, "gold", "superseded")

    def test_the_first_row_stays_and_the_reason_says_where_it_stands(self):
        self.deliver("a.csv", orders(100, 3))
        file = self.deliver("b.csv", csv([row(101), row(200), row(200)]))
        self.assertEqual([(e["line"], e["reason"]) for e in file["examples"]],
                         [(2, "order_id: the same value is loaded from landing/orders/a.csv, line 3, already"),
                          (4, "order_id: the same value stands in line 3 already")])

    def test_newest_takes_the_place_and_a_rebuild_gives_the_same_rows(self):
        self.policy("newest")
        self.deliver("a.csv", orders(100, 3))
        file = self.deliver("b.csv", csv([row(101, website="VVBE"), row(200), row(200, website="VVBE")]))
        self.assertEqual((file["rows_loaded"], file["rows_quarantined"]), (3, 0))
        self.assertEqual(self.websites(), [(100, "VVNL"), (101, "VVBE"), (102, "VVNL"), (200, "VVBE")])
        self.deliver("c.csv", orders(102, 1, website="VVFR"))
        self.deliver("b.csv", csv([row(200, website="VVDE")]))  # corrected: 101 is given back
        self.assertEqual(self.websites(), [(100, "VVNL"), (101, "VVNL"), (102, "VVFR"), (200, "VVDE")])
        self.ok(self.p.run("build"))
        before = contents(self.p.warehouse, "gold", "superseded")
        self.assertEqual(before["superseded"][0], 1)
        self.assertEqual(self.rebuilt(), before)

    def test_newest_by_a_column_does_not_mind_late_files(self):
        self.policy("newest\n    newest_by: payment_date")
        self.deliver("a.csv", orders(100, 2, payment_date="2018-07-14 00:00:00.000"))
        self.deliver("b.csv", orders(100, 2, website="VVBE", payment_date="2018-07-13 00:00:00.000"))
        self.assertEqual(self.websites(), [(100, "VVNL"), (101, "VVNL")])
        self.ok(self.p.run("build"))
        before = contents(self.p.warehouse, "gold", "superseded")
        self.assertEqual(self.rebuilt(), before)

    def test_keep_is_for_keys_that_nobody_checks(self):
        self.policy("keep")
        self.deliver("a.csv", orders(100, 1))
        self.deliver("b.csv", orders(100, 1, website="VVBE"))
        self.assertEqual(self.websites(), [(100, "VVNL"), (100, "VVBE")])
        self.assertIn("unique_orders_order_id", self.ok(self.p.run("build"), 1).out)

    def test_mistakes_in_the_project_file_are_told(self):
        self.policy("newest\n    newest_by: paymentdate")
        told = self.ok(self.p.run("load"), 2).err
        self.assertIn('contracts/orders.yaml has no column "paymentdate"', told)
        self.assertIn("did you mean payment_date?", told)
        self.p.edit("millrace.yaml", "on_duplicate_key: newest", "on_duplicate_key: keep")
        self.assertIn("newest_by: it is only asked with on_duplicate_key: newest", self.ok(self.p.run("load"), 2).err)

    def test_a_key_corrected_to_bytes_that_another_key_has_brought(self):
        self.deliver("a.csv", orders(100, 2))
        self.deliver("b.csv", orders(200, 2))
        file = self.deliver("a.csv", orders(200, 2))
        self.assertEqual((file["state"], file["replaced_older"], file["duplicate_of"]),
                         ("duplicate", True, "landing/orders/b.csv"))
        self.assertEqual([n for n, _ in self.websites()], [200, 201])
        self.ok(self.p.run("build"))
        before = contents(self.p.warehouse, "gold", "superseded")
        self.assertEqual(self.rebuilt(), before)


if __name__ == "__main__":
    main()
