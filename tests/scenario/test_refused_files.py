#!/usr/bin/env python3
"""Files that were refused whole: listed, shown, taken after a fix, exactly once, or given up."""
import gzip
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import check, contents  # noqa: E402
from millrace_process import HEADER, ProcessTest, csv, main, orders, row  # noqa: E402

WIDE = csv([row(100) + ",red", row(101, website="") + ",", row(102) + ",blue"], header=HEADER + ",colour")


class RefusedFiles(ProcessTest):
    def setUp(self):
        super().setUp()
        self.p = self.project()
        self.delivered = {}

    def deliver(self, name, data, code=0):
        self.p.drop(name, data)
        self.delivered.setdefault(f"landing/orders/{name}", []).append(data)
        return self.ok(self.p.run("load", "--json"), code).json["files"]

    def q(self, *words, code=0, **more):
        return self.ok(self.p.run("quarantine", *words, **more), code)

    def sound(self, **more):
        self.assertEqual(check(self.p, self.delivered, **more), [])

    def know_colour(self):
        with open(self.p.folder / "contracts/orders.yaml", "a", encoding="utf-8") as f:
            f.write("      - name: colour\n        logicalType: string\n")
        self.p.edit("millrace.yaml", "    on_reject: quarantine", "    schema_contract: {missing_columns: evolve}\n    on_reject: quarantine")

    def states(self):
        return [tuple(r.values()) for r in self.p.ask("SELECT key, state, rows_loaded FROM millrace.ledger ORDER BY file_id")[0]]

    def test_they_are_listed_and_shown(self):
        self.deliver("a.csv", WIDE, 1)
        self.deliver("b.csv", csv([row(1), row(2, website="")]))
        lines = self.q("list").out.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn('landing/orders/a.csv  the whole file, extra_column  the header has column "colour"', lines[1])
        listed = self.q("list", "--json").json
        self.assertEqual([(r["file"], r["line"], r["code"], r["whole_file"]) for r in listed],
                         [("landing/orders/b.csv", 3, "missing_value", False), ("landing/orders/a.csv", 0, "extra_column", True)])
        self.assertEqual([r["file"] for r in self.q("list", "--json", "--code", "MR0206").json], ["landing/orders/a.csv"])
        self.assertEqual(self.q("list", "--json", "--file", "a.csv", "--line", "3").json, [], "it has no lines")
        summary = self.q("list", "--summary")
        self.assertIn("file  extra_column", summary.out)
        self.assertIn("1 row and 1 file refused whole in all", summary.err)
        shown = self.q("show", "a.csv").out
        for word in ("MR0206 extra_column", "the whole file was refused", "quarantine/dt=", "millrace quarantine replay --file 1"):
            self.assertIn(word, shown)
        self.assertIn("1 file refused whole", self.q("export").err)

    def test_a_replay_takes_them_after_a_fix_once(self):
        self.deliver("a.csv", WIDE, 1)
        self.deliver("b.csv.gz", gzip.compress(WIDE.replace(b"10", b"20"), mtime=0), 1)
        before = contents(self.p.warehouse, "ledger")
        told = self.q("replay").out
        self.assertEqual(told.count("refused still, extra_column"), 2, told)
        self.assertEqual(contents(self.p.warehouse, "ledger"), before, "a replay without effect changes nothing")
        self.know_colour()
        told = self.q("replay", "--file", "a.csv").out
        self.assertIn("landing/orders/a.csv  the whole file: 2 rows loaded, 1 quarantined", told)
        self.assertEqual(self.states(), [("landing/orders/a.csv", "released", 0), ("landing/orders/b.csv.gz", "quarantined", 0),
                                         ("landing/orders/a.csv", "loaded", 2)])
        replayed, = [r for r in self.q("replay", "--json").json if r["whole_file"]]
        self.assertEqual((replayed["loaded"], replayed["rejects_by_code"], replayed["state"]), (2, {"missing_value": 1}, "loaded"))
        self.assertEqual(sorted(self.p.files_in("quarantine")), [], "their bytes stand in processed/ now")
        self.assertEqual(sorted(self.p.files_in("processed")), ["a~000003.csv", "b~000004.csv.gz"])
        after = contents(self.p.warehouse, "raw", "quarantine", "ledger")
        self.assertNotIn("the whole file", self.q("replay").out)
        self.assertEqual(contents(self.p.warehouse, "raw", "quarantine", "ledger"), after, "twice is a no-op")
        colours = self.p.ask("SELECT order_id, colour FROM raw.orders ORDER BY order_id")[0]
        self.assertEqual([tuple(r.values()) for r in colours], [(100, "red"), (102, "blue"), (200, "red"), (202, "blue")])
        self.p.forget_warehouse()
        self.ok(self.p.run("load"))
        self.assertEqual(self.p.ask("SELECT order_id, colour FROM raw.orders ORDER BY order_id")[0], colours)

    def test_the_reason_follows_what_is_wrong_now(self):
        self.deliver("a.csv", WIDE, 1)
        self.p.edit("millrace.yaml", "    on_reject: quarantine", "    schema_contract: {columns: discard_value}\n    reject_limit: 5%\n    on_reject: quarantine")
        self.assertIn("refused still, too_many_rejects", self.q("replay").out)
        self.assertEqual([r["code"] for r in self.q("list", "--json").json], ["too_many_rejects"])

    def test_given_up_they_are_taken_only_when_asked_for(self):
        self.deliver("a.csv", WIDE, 1)
        self.assertIn("0 rows and 1 file refused whole would be discarded", self.q("discard", code=2).err)
        self.assertIn("0 rows and 1 file refused whole", self.q("discard", "--yes").out)
        self.assertEqual(self.q("list", "--json").json, [])
        self.know_colour()
        self.assertIn("nothing is quarantined", self.q("replay").out)
        self.assertEqual(self.q("list", "--json", "--discarded").json[0]["state"], "discarded")
        self.assertIn("2 rows loaded", self.q("replay", "--discarded").out)

    def test_what_has_come_since_is_never_replaced_by_what_was_refused(self):
        self.deliver("a.csv", WIDE, 1)
        self.deliver("b.csv", WIDE.replace(b"10", b"30"), 1)
        self.deliver("a.csv", orders(500, 2))  # the corrected file under the same name
        self.know_colour()
        self.deliver("c.csv", WIDE.replace(b"10", b"30"))  # the bytes of b.csv under another
        told = self.q("replay").out
        self.assertIn("a.csv  left alone: a later version is loaded (file 3)", told)
        self.assertIn("b.csv  its bytes are loaded already, from landing/orders/c.csv", told)
        self.assertEqual([r["order_id"] for r in self.p.ask("SELECT order_id FROM raw.orders ORDER BY 1")[0]], [300, 302, 500, 501])
        self.assertEqual([s for _, s, _ in self.states()], ["quarantined", "released", "loaded", "loaded", "duplicate"])

    def test_a_crash_in_a_replay_is_finished_at_the_next_start(self):
        for point in ("ingest.load.before", "warehouse.commit.before", "warehouse.commit.after", "ingest.archive.before",
                      "ingest.mark.before"):
            for action in ("kill", "error"):
                p = self.project(f"{point}-{action}")
                self.p, self.delivered = p, {}
                self.deliver("a.csv", WIDE, 1)
                self.know_colour()
                done = p.run("quarantine", "replay", env={"MILLRACE_FAILPOINTS": f"{point}={action}@1"})
                self.assertNotEqual(done.code, 0, f"{point}={action}: {done}")
                self.ok(p.run("load"))
                self.q("replay")
                self.assertEqual([s for _, s, _ in self.states()], ["released", "loaded"], f"{point}={action}")
                self.assertEqual(sorted(p.files_in("quarantine")), [])
                self.assertEqual(self.p.ask("SELECT count(*) AS n FROM raw.orders")[0], [{"n": 2}])


if __name__ == "__main__":
    main()
