#!/usr/bin/env python3
"""Files packed when they are archived, down the tiers, restored and expired; every line can still be traced, and a rebuild
gives the same or says what it lacks."""
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import check, contents, lake_files  # noqa: E402
from millrace_process import ProcessTest, csv, main, orders, row, sha256, unzstd, wait_until  # noqa: E402

WHAT = ("gold", "silver", "raw", "quarantine", "ledger")


class Archive(ProcessTest):
    def setUp(self):
        super().setUp()
        self.p = self.project()
        self.delivered = {}

    def pack(self):
        self.p.edit("millrace.yaml", "sources:\n", "archive: {compress: zstd}\nsources:\n")

    def tiers(self, text):
        self.p.edit("millrace.yaml", "sources:\n", f"tiers: {text}\nsources:\n")

    def deliver(self, name, data, code=0):
        self.p.drop(name, data)
        self.delivered.setdefault(f"landing/orders/{name}", []).append(data)
        return self.ok(self.p.run("load", "--json"), code).json["files"]

    def sound(self):
        self.assertEqual(check(self.p, self.delivered), [])

    def trace(self, order_id):
        found, = self.ok(self.p.run("trace", "orders", str(order_id), "--json")).json["rows"]
        return found["trouble"] or found["raw"]

    def lake_cmd(self, *words, code=0):
        return self.ok(self.p.run("lake", *words, "--json"), code).json

    def rebuilt_as_before(self, what=WHAT):
        self.ok(self.p.run("build"))
        before = contents(self.p.warehouse, *what)
        self.ok(self.p.run("load", "--rebuild"))
        self.ok(self.p.run("build"))
        self.assertEqual(contents(self.p.warehouse, *what), before)

    def aged(self, day="2020-01-01"):
        """The archive as it were from that day on, and a warehouse filled from it."""
        self.p.forget_warehouse()
        for folder in list((self.p.lake / "processed").glob("dt=*")):
            shutil.move(folder, folder.parent / f"dt={day}")
        self.ok(self.p.run("load"))

    def test_text_is_packed_and_each_line_is_traced_to_its_bytes(self):
        self.pack()
        self.deliver("a.csv", orders(100, 5000))
        file, = self.p.files_in("processed").items()
        self.assertEqual(file[0], "a~000001z.csv.zst")
        self.assertLess(len(file[1]), len(orders(100, 5000)) // 5)
        self.assertEqual(unzstd(file[1]), orders(100, 5000), "any zstd program unpacks it")
        self.sound()
        self.assertEqual(self.trace(4000), row(4000))
        self.assertEqual(self.p.ask("SELECT sha256 FROM millrace.ledger")[0][0]["sha256"], sha256(orders(100, 5000)))
        self.rebuilt_as_before()
        self.assertEqual(self.trace(4000), row(4000))
        self.sound()

    def test_a_source_may_differ_from_the_project(self):
        self.pack()
        self.p.edit("millrace.yaml", "    on_reject: quarantine", "    archive: {compress: none}\n    on_reject: quarantine")
        self.deliver("a.csv", orders(100, 3))
        self.assertEqual(list(self.p.files_in("processed")), ["a~000001.csv"])
        self.p.edit("millrace.yaml", "compress: none", "compress: lz4")
        self.assertIn("expected none, zstd", self.ok(self.p.run("load"), 2).err)

    def test_quarantine_replay_unload_and_undo_work_on_packed_files(self):
        self.pack()
        self.deliver("a.csv", csv([row(100), row("x"), row(102)]))
        self.deliver("b.csv", orders(200, 3))
        self.sound()
        self.assertIn(row("x"), self.ok(self.p.run("quarantine", "show", "a.csv:3")).out)
        self.ok(self.p.run("quarantine", "replay"))
        self.ok(self.p.run("unload", "b.csv"))
        self.sound()
        self.assertEqual(list(self.p.files_in("unloaded")), ["b~000002z.csv.zst"])
        self.ok(self.p.run("unload", "--undo", "b.csv"))
        self.sound()
        self.assertEqual(self.trace(201), row(201))
        self.rebuilt_as_before([w for w in WHAT if w != "ledger"])  # which forgets that the file was out for a while
        self.sound()

    def test_an_archived_file_is_restored_before_it_is_read(self):
        self.deliver("a.csv", csv([row(100), row("x")]))
        self.aged()
        self.tiers("{cold: 30d, archive: 90d}")
        key = "processed/dt=2020-01-01/orders/a~000001.csv"
        dry = self.lake_cmd("tidy", "--dry-run")
        self.assertEqual([(s["key"], s["to"]) for s in dry["steps"]], [(key, "archive")])
        self.assertTrue((self.p.lake / key).exists())
        self.lake_cmd("tidy")
        self.assertFalse((self.p.lake / key).exists())
        self.assertEqual(self.lake_cmd("ls", "processed/")["objects"][0]["key"], key)
        self.assertIn("must be restored", self.trace(100))
        blocked = self.ok(self.p.run("quarantine", "replay"), 2)
        self.assertIn(f"millrace lake restore {key}", blocked.err)
        stat = self.lake_cmd("stat", key)
        self.assertEqual((stat["class"], stat["readable"], stat["ledger"][0]["state"]), ("archive", False, "loaded"))
        self.assertIn("BLOCKED: a replay of 1 quarantined row waits", self.ok(self.p.run("lake", "stat", key)).out)
        self.assertEqual(self.lake_cmd("restore", "--all-blocked")["objects"], [{"key": key, "state": "restored"}])
        self.assertEqual(self.trace(100), row(100))
        self.ok(self.p.run("quarantine", "replay"))
        self.assertEqual(self.lake_cmd("restore", "--all-blocked")["objects"], [])
        self.assertEqual(self.lake_cmd("tidy")["failed"], [])
        self.assertEqual(self.lake_cmd("stat", key)["class"], "restored", "it stays readable for its days")

    def test_a_rebuild_is_blocked_until_archived_files_are_restored(self):
        self.deliver("a.csv", orders(100, 3))
        self.aged()
        self.tiers("{archive: 90d}")
        self.lake_cmd("tidy")
        blocked = self.ok(self.p.run("load", "--rebuild"), 2)
        self.assertIn("BLOCKED: 1 of 1 file", blocked.err)
        self.assertIn("millrace lake restore --all-blocked", blocked.err)
        self.assertEqual(len(self.lake_cmd("restore", "--all-blocked")["objects"]), 1)
        self.ok(self.p.run("load"))
        self.assertEqual(self.trace(102), row(102))

    def test_cold_files_are_read_as_before(self):
        self.pack()
        self.deliver("a.csv", orders(100, 300))
        self.aged()
        self.tiers("{warm: 10d, cold: 30d}")
        self.assertEqual([s["to"] for s in self.lake_cmd("tidy")["steps"]], ["cold"])
        self.assertEqual(list(lake_files(self.p.lake)), ["processed/dt=2020-01-01/orders/a~000001z.csv.zst"])
        self.sound()
        self.assertEqual(self.trace(399), row(399))
        self.rebuilt_as_before()
        self.assertEqual(self.trace(399), row(399))

    def test_expired_files_are_deleted_their_rows_stay_and_a_rebuild_says_so(self):
        self.deliver("a.csv", orders(100, 3))
        self.aged()
        self.deliver("b.csv", orders(200, 2))
        self.tiers("{keep: 1y}")
        key = "processed/dt=2020-01-01/orders/a~000001.csv"
        self.assertEqual([(s["key"], s["to"]) for s in self.lake_cmd("tidy")["steps"]], [(key, "expired")])
        self.assertNotIn(key, lake_files(self.p.lake))
        self.assertEqual(self.p.ask("SELECT count(*) AS n FROM raw.orders")[0][0]["n"], 5)
        self.assertIn("have expired on", self.trace(100))
        known, = self.lake_cmd("stat", key)["ledger"]
        self.assertEqual((known["state"], known["rows_state"], known["expired_by"]), ("expired", "loaded", "tiers.keep: 1y"))
        said = self.ok(self.p.run("load", "--rebuild")).out
        self.assertIn("EXPIRED: expired on", said)
        self.assertIn("its 3 rows are not in this warehouse", said)
        self.assertEqual(self.p.ask("SELECT count(*) AS n FROM raw.orders")[0][0]["n"], 2)
        self.assertEqual([r["key"] for r in self.p.ask("SELECT key FROM millrace.ledger WHERE state = 'expired' ORDER BY key")[0]][:1],
                         ["landing/orders/a.csv"])

    def test_expired_bytes_that_come_again_are_known_and_kept_again(self):
        self.deliver("a.csv", orders(100, 3))
        self.aged()
        self.tiers("{keep: 1y}")
        self.lake_cmd("tidy")
        file, = self.deliver("again.csv", orders(100, 3))
        self.assertEqual((file["state"], file["duplicate_of"]), ("duplicate", "landing/orders/a.csv"))
        self.assertEqual(list(self.p.files_in("processed").values()), [orders(100, 3)])
        self.ok(self.p.run("load", "--rebuild"))
        self.assertEqual(self.p.ask("SELECT count(*) AS n FROM raw.orders")[0][0]["n"], 3)

    def test_up_tidies_at_its_own_pace(self):
        self.deliver("a.csv", orders(100, 3))
        self.aged()
        self.ok(self.p.run("build"))
        self.tiers("{cold: 30d}")
        cold = self.p.lake / "cold/processed/dt=2020-01-01/orders/a~000001.csv.zst"
        with self.p.up() as up:
            up.wait_for("serving")
            wait_until(cold.exists, "the file to become cold", 60, up.story)
            wait_until(lambda: not (self.p.lake / "processed/dt=2020-01-01/orders/a~000001.csv").exists(), "the copy to go", 60, up.story)
            self.stopped(up)
        self.assertEqual(self.trace(101), row(101))


if __name__ == "__main__":
    main()
