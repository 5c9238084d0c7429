#!/usr/bin/env python3
"""New bytes under a known name replace exactly their own rows; processed/ alone gives the same gold again."""
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import check, contents  # noqa: E402
from millrace_process import ProcessTest, csv, main, orders, row, wait_until  # noqa: E402


class Corrections(ProcessTest):
    def setUp(self):
        super().setUp()
        self.p = self.project()
        self.delivered = {}

    def deliver(self, name, data, code=0):
        """Drops a file and loads it."""
        self.p.drop(name, data)
        self.delivered.setdefault(f"landing/orders/{name}", []).append(data)
        return self.ok(self.p.run("load", "--json"), code).json["files"]

    def gold(self):
        self.ok(self.p.run("build"))
        self.assertEqual(check(self.p, self.delivered), [])
        return contents(self.p.warehouse, "gold")["gold"]

    def rebuilt(self):
        """Gold from an empty warehouse and processed/; and nothing is built twice by asking again."""
        self.p.forget_warehouse()
        self.ok(self.p.run("load"))
        self.ok(self.p.run("build"))
        self.assertEqual(check(self.p, self.delivered), [])
        return contents(self.p.warehouse, "gold")["gold"]

    def test_a_corrected_file_replaces_exactly_its_rows(self):
        self.deliver("a.csv", orders(100, 10))
        self.deliver("b.csv", orders(200, 10))
        others = "SELECT * FROM raw.orders WHERE order_id >= 200 ORDER BY order_id"
        before, = self.p.ask(others)
        file, = self.deliver("a.csv", csv([row(i, website="VVBE") for i in range(102, 108)] + [row("x")]))
        self.assertEqual((file["state"], file["replaced_older"], file["rows_loaded"], file["rows_quarantined"]),
                         ("loaded", True, 6, 1))
        rows, after = self.p.ask("SELECT order_id, website FROM raw.orders WHERE order_id < 200 ORDER BY order_id", others)
        self.assertEqual([(r["order_id"], r["website"]) for r in rows], [(i, "VVBE") for i in range(102, 108)])
        self.assertEqual(after, before, "the rows of other files were not touched")
        self.assertEqual([e["state"] for e in self.p.ask("SELECT state FROM millrace.ledger ORDER BY file_id")[0]],
                         ["replaced", "loaded", "loaded"])
        self.assertEqual(self.gold()[0], 16)

    def test_a_correction_reaches_the_api_and_leaves_the_other_rows(self):
        self.p.drop("a.csv", orders(100, 10))
        self.p.drop("b.csv", orders(200, 10))
        with self.p.up() as up:
            wait_until(lambda: up.served()[1] == 20, "both files", context=up.story)
            self.p.drop("a.csv", orders(100, 9, website="VVBE"))
            wait_until(lambda: up.served()[1] == 19, "the correction", context=up.story)
            self.assertEqual(up.get("/orders/100")[2]["website"], "VVBE")
            self.assertEqual(up.get("/orders/109")[0], 404)
            self.assertEqual(up.get("/orders/209")[2]["website"], "VVNL")
            self.stopped(up)

    def test_an_older_version_comes_back(self):
        a, b = orders(100, 10), orders(100, 8, website="VVBE")
        for data in (a, b, a):
            self.deliver("a.csv", data)
        self.assertEqual(self.gold()[0], 10, "the last delivery counts")
        self.assertEqual(self.p.ask("SELECT DISTINCT website FROM raw.orders")[0], [{"website": "VVNL"}])

    def test_processed_alone_gives_the_same_gold(self):
        self.deliver("a.csv", orders(100, 10))
        self.deliver("b.csv", csv([row(200), row("2x1"), row(202, order_date="2042-10-17 14:29:05.000"), row(203)]))
        self.deliver("c.csv", orders(300, 10))
        self.deliver("a.csv", orders(100, 9, website="VVBE"))
        self.deliver("d.csv", orders(300, 10))  # the bytes of c.csv
        before = self.gold()
        self.assertEqual(before[0], 9 + 2 + 10)
        self.assertEqual(self.rebuilt(), before)
        self.assertEqual(self.ok(self.p.run("load", "--json")).json["files"], [], "loaded again once")

    def test_a_fault_while_the_warehouse_is_set_aside_is_mended_by_the_same_command(self):
        self.deliver("a.csv", orders(100, 10))
        before, log = self.gold(), self.temp / "points.log"
        self.ok(self.p.copy_to(self.temp / "rehearsal").run("load", "--rebuild", env={"MILLRACE_FAILPOINT_LOG": str(log)}))
        passings = log.read_text().split().count("app.set_aside.before")
        self.assertGreaterEqual(passings, 1)
        untouched = self.p
        for k in range(1, passings + 1):
            for action in ("kill", "error"):
                with self.subTest(passing=k, action=action):
                    self.p = untouched.copy_to(self.temp / f"{action}-{k}")
                    done = self.p.run("load", "--rebuild", env={"MILLRACE_FAILPOINTS": f"app.set_aside.before={action}@{k}"})
                    self.assertEqual(done.code, -9 if action == "kill" else 2, done)
                    self.ok(self.p.run("load", "--rebuild"))
                    self.ok(self.p.run("build"))
                    self.assertEqual(self.gold(), before)

    def test_a_rebuild_says_what_it_loaded_again(self):
        self.deliver("a.csv", orders(100, 10))
        self.p.forget_warehouse()
        file, = self.ok(self.p.run("load", "--json")).json["files"]
        self.assertEqual((file["key"], file["from_archive"], file["rows_loaded"]), ("landing/orders/a.csv", True, 10))

    def test_a_rebuild_keeps_the_version_that_came_back(self):
        a, b = orders(100, 10), orders(100, 8, website="VVBE")
        for data in (a, b, a):
            self.deliver("a.csv", data)
        self.assertEqual((before := self.gold())[0], 10)
        self.assertEqual(self.rebuilt(), before)

    def test_a_rebuild_keeps_the_row_that_came_first(self):
        """z.csv came first, so the order of a.csv with the same id was set aside."""
        self.deliver("z.csv", csv([row(1, website="FIRST")]))
        self.deliver("a.csv", csv([row(1, website="SECOND"), row(2)]))
        before = self.gold()
        self.assertEqual(self.p.ask("SELECT website FROM gold.v_orders WHERE order_id = 1")[0], [{"website": "FIRST"}])
        self.assertEqual(self.rebuilt(), before)

    def test_a_rebuild_keeps_a_correction_of_bytes_that_came_under_two_names(self):
        """b.csv repeated z.csv, and then z.csv was corrected."""
        self.deliver("z.csv", orders(100, 10))
        self.deliver("b.csv", orders(100, 10))
        self.deliver("z.csv", orders(100, 10, website="VVBE"))
        before = self.gold()
        self.assertEqual(self.p.ask("SELECT DISTINCT website FROM gold.v_orders")[0], [{"website": "VVBE"}])
        self.assertEqual(self.rebuilt(), before)

    def test_an_archived_file_that_the_ledger_does_not_know_is_loaded_at_start(self):
        """I5, after a warehouse was restored from an older backup."""
        self.deliver("a.csv", orders(100, 10))
        backup = self.p.warehouse.read_bytes()
        self.deliver("b.csv", orders(200, 10))
        self.p.forget_warehouse()
        self.p.warehouse.write_bytes(backup)
        self.assertEqual(self.gold()[0], 20)

    def test_a_slow_writer_is_never_taken_half(self):
        data = orders(100, 3000)
        with self.p.up() as up:
            up.served()
            with open(self.p.landing / "slow.csv", "wb") as f:
                f.write(data[:len(data) // 2 + 7])
                f.flush()
                time.sleep(1.5)
                self.assertEqual(up.all("file"), [], "nobody may take it while it is open")
                f.write(data[len(data) // 2 + 7:])
            wait_until(lambda: up.served()[1] == 3000, "all its rows", context=up.story)
            file, = up.all("file")
            self.assertEqual((file["state"], file["records"], file["bytes"]), ("loaded", 3000, len(data)))
            self.stopped(up)
        self.assertEqual(check(self.p, {"landing/orders/slow.csv": [data]}), [])

    def test_load_waits_for_a_slow_writer_too(self):
        data = orders(100, 50)
        landing = self.p.landing / "slow.csv"
        with open(landing, "wb") as f:
            f.write(data[:500])
            f.flush()
            from_load = []
            loader = threading.Thread(target=lambda: from_load.append(self.p.run("load", "--json")))
            loader.start()
            time.sleep(1.0)
            self.assertEqual(from_load, [])
            f.write(data[500:])
        loader.join()
        file, = self.ok(from_load[0]).json["files"]
        self.assertEqual((file["state"], file["records"]), ("loaded", 50))

    def test_a_file_in_pieces_with_pauses_between_them(self):
        """Opened and closed for each piece, shorter pauses than stable_for: rsync --append, or a shell loop."""
        data = orders(100, 600)
        with self.p.up() as up:
            up.served()
            for at in range(0, len(data), len(data) // 12):
                with open(self.p.landing / "pieces.csv", "ab") as f:
                    f.write(data[at:at + len(data) // 12])
                time.sleep(0.05)
            wait_until(lambda: up.served()[1] == 600, "all its rows", context=up.story)
            self.assertEqual([f["records"] for f in up.all("file")], [600])
            self.stopped(up)


if __name__ == "__main__":
    main()
