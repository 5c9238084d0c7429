#!/usr/bin/env python3
"""One file taken back out, through gold, and loaded again."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import check, contents  # noqa: E402
from millrace_process import ProcessTest, csv, main, orders, row  # noqa: E402


class Unload(ProcessTest):
    def setUp(self):
        super().setUp()
        self.p = self.project()
        self.delivered = {}

    def deliver(self, name, data, code=0):
        self.p.drop(name, data)
        self.delivered.setdefault(f"landing/orders/{name}", []).append(data)
        return self.ok(self.p.run("load", "--json"), code).json["files"]

    def sound(self, project=None, **more):
        self.assertEqual(check(project or self.p, self.delivered, **more), [])

    def ids(self, project=None):
        return [r["order_id"] for r in (project or self.p).ask("SELECT order_id FROM raw.orders ORDER BY order_id")[0]]

    def gold(self):
        return self.p.ask("SELECT count(*) AS n FROM gold.v_orders")[0][0]["n"]

    def test_a_file_is_taken_out_through_gold_and_comes_back(self):
        self.deliver("a.csv", orders(100, 3))
        self.deliver("b.csv", csv([row(200), row("x"), row(202, order_date="2042-10-17 14:29:05.000")]))
        self.ok(self.p.run("build"))
        self.assertEqual(self.gold(), 4)
        told = self.ok(self.p.run("unload", "b.csv"))
        self.assertIn("2 rows taken out, 1 out of quarantine", told.out)
        self.sound()
        self.assertEqual(self.ids(), [100, 101, 102])
        self.assertEqual(list(self.p.files_in("unloaded")), ["b~000002.csv"])
        self.assertTrue(self.ok(self.p.run("build", "--json")).json["build"]["published"])
        self.assertEqual(self.gold(), 3)
        self.ok(self.p.run("load"))
        self.assertEqual(self.ids(), [100, 101, 102], "what was unloaded is not loaded again by itself")
        self.assertIn("loaded file is called", self.ok(self.p.run("unload", "b.csv"), 2).err)
        self.ok(self.p.run("unload", "--undo", "b.csv"))
        self.sound()
        self.assertEqual(self.ids(), [100, 101, 102, 200, 202])
        self.assertEqual(self.p.files_in("unloaded"), {})
        self.ok(self.p.run("build"))
        self.assertEqual(self.gold(), 4)

    def test_the_same_bytes_may_be_delivered_again(self):
        self.deliver("a.csv", orders(100, 3))
        self.ok(self.p.run("unload", "landing/orders/a.csv"))
        file, = self.deliver("a.csv", orders(100, 3))
        self.assertEqual(file["state"], "loaded")
        self.sound()

    def test_rows_that_waited_behind_it_are_told_and_can_be_replayed(self):
        self.deliver("a.csv", orders(100, 3))
        self.deliver("b.csv", csv([row(101, website="VVBE"), row(200)]))
        told = self.ok(self.p.run("unload", "1")).out
        self.assertIn("1 quarantined row of landing/orders/b.csv had the keys of this file", told)
        self.assertIn("1 of 1 row loaded", self.ok(self.p.run("quarantine", "replay")).out)
        self.assertEqual(self.ids(), [101, 200])
        self.sound()

    def test_rows_that_it_had_superseded_stand_again(self):
        self.p.edit("millrace.yaml", "    on_reject: quarantine", "    on_duplicate_key: newest\n    on_reject: quarantine")
        self.deliver("a.csv", orders(100, 2))
        self.deliver("b.csv", orders(100, 1, website="VVBE"))
        self.assertIn("1 that it had superseded stand again", self.ok(self.p.run("unload", "b.csv")).out)
        self.assertEqual(self.p.ask("SELECT DISTINCT website FROM raw.orders")[0], [{"website": "VVNL"}])
        self.sound()

    def test_versions_that_it_had_replaced_do_not_come_back_with_a_rebuild(self):
        self.deliver("a.csv", orders(100, 3))
        self.deliver("b.csv", orders(200, 2))
        self.deliver("a.csv", orders(100, 2))
        self.deliver("c.csv", orders(100, 2))  # a repetition
        self.ok(self.p.run("unload", "landing/orders/a.csv"))
        self.sound()
        self.ok(self.p.run("build"))
        before = contents(self.p.warehouse, "gold")
        self.p.forget_warehouse()
        self.ok(self.p.run("load"))
        self.ok(self.p.run("build"))
        self.assertEqual(contents(self.p.warehouse, "gold"), before)
        self.assertEqual(self.ids(), [200, 201])

    def test_a_crash_at_any_point_is_finished_by_the_next_start(self):
        self.deliver("a.csv", orders(100, 3))
        self.deliver("b.csv", orders(200, 2))
        self.deliver("b.csv", orders(200, 3))
        self.ok(self.p.run("unload", "a.csv"))
        for words in (["unload", "landing/orders/b.csv"], ["unload", "--undo", "a.csv"]):
            rehearsal = self.p.copy_to(self.temp / f"rehearsal-{len(words)}")
            log = self.temp / f"points-{len(words)}"
            self.ok(rehearsal.run(*words, env={"MILLRACE_FAILPOINT_LOG": str(log)}))
            want, points = self.ids(rehearsal), log.read_text().split()
            for name in sorted(set(points)):
                for k in {1, points.count(name)}:
                    for action, codes in (("kill", (-9,)), ("error", (0, 2))):
                        what = f"{words}: {name}={action}@{k}"
                        p = self.p.copy_to(self.temp / f"{len(words)}-{name}-{k}-{action}")
                        done = p.run(*words, env={"MILLRACE_FAILPOINTS": f"{name}={action}@{k}"})
                        self.assertIn(done.code, codes, f"{what}\n{done}")
                        self.assertEqual(check(p, self.delivered, settled=False), [], what)
                        self.ok(p.run("load"))
                        self.assertEqual(check(p, self.delivered), [], what)
                        if self.ids(p) != want:  # it had not begun
                            self.ok(p.run(*words))
                        self.assertEqual(check(p, self.delivered), [], what)
                        self.assertEqual(self.ids(p), want, what)

    def test_names_that_are_none_or_several_are_told(self):
        self.assertIn('no loaded file is called "x.csv"', self.ok(self.p.run("unload", "x.csv"), 2).err)
        self.p.edit("millrace.yaml", "on_new_bytes: replace", "on_new_bytes: append")
        self.deliver("a.csv", orders(100, 1))
        self.deliver("a.csv", orders(200, 1))
        self.assertIn('"a.csv" is 2 files: 1 (', self.ok(self.p.run("unload", "a.csv"), 2).err)
        self.ok(self.p.run("unload", "2"))
        self.assertEqual(self.ids(), [100])


if __name__ == "__main__":
    main()
