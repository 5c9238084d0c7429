#!/usr/bin/env python3
"""Bits that flip in the write-ahead log and in the database file, and logs that end early: detected or healed, and after
the start no row is missing. Where the database file itself is damaged the program says which command rebuilds it, and
that command does, without deleting anything.

MILLRACE_DAMAGES: how many of them (600 in `./dev soak`). Seeded; the seed is printed and can be given.
"""
import os
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import check_all  # noqa: E402
from millrace_process import ProcessTest, csv, main, orders, row, wait_until  # noqa: E402

SEED = int(os.environ.get("MILLRACE_CHAOS_SEED", "20261122"))
DAMAGES = int(os.environ.get("MILLRACE_DAMAGES", "30"))
BROKEN = csv([row(9001), row("9x02"), row(9003, order_date="2042-10-17 14:29:05.000")])


class Damage(ProcessTest):
    def setUp(self):
        super().setUp()
        self.dice = random.Random(SEED)
        p = self.p = self.project()
        p.edit("millrace.yaml", "serve:\n", "pipelines:\n  orders:\n    sensor: {poke_interval: 200ms, stable_for: 50ms}\nserve:\n")
        self.delivered = {}

        def deliver(name, data):
            p.drop(name, data)
            self.delivered.setdefault(f"landing/orders/{name}", []).append(data)

        deliver("a.csv", orders(1000, 2000))
        self.ok(p.run("load"))
        self.ok(p.run("build"))
        # Killed with six loads in its log: a publish would fold them into the file.
        with p.up({"MILLRACE_FAILPOINTS": "schedule.publish.before=error@1+"}) as up:
            for n in range(4):
                deliver(f"b{n}.csv", orders(10_000 + 1000 * n, 200))
            deliver("broken.csv", BROKEN)
            deliver("a.csv", orders(1000, 1990))  # a correction
            wait_until(lambda: len(up.all("file")) == 6 and not p.landed(), "six files", context=up.story)
            up.kill()
        self.log = pathlib.Path(f"{p.warehouse}.wal")
        self.assertGreater(self.log.stat().st_size, 10_000, "there is a log to damage")
        sound = p.copy_to(self.temp / "sound")
        self.ok(sound.run("load"))
        self.ok(sound.run("build"))
        broken, self.expected = check_all(sound, self.delivered)
        self.assertEqual(broken, [])
        self.rebuilt = self.p.copy_to(self.temp / "rebuilt")
        self.ok(self.rebuilt.run("load", "--rebuild"))
        self.ok(self.rebuilt.run("build"))
        broken, self.refilled = check_all(self.rebuilt, self.delivered)
        self.assertEqual(broken, [])
        for what in ("gold", "silver"):
            self.assertEqual(self.refilled[what], self.expected[what], "processed/ rebuilds what was published")

    def damage(self, kind, project):
        """Damages a copy; says what was done."""
        path = pathlib.Path(f"{project.warehouse}.wal") if kind != "file" else project.warehouse
        data = bytearray(path.read_bytes())
        at = self.dice.randrange(len(data))
        if kind == "cut":
            del data[at:]
        else:
            data[at] ^= 1 << self.dice.randrange(8)
        path.write_bytes(data)
        return f"{kind} at byte {at} of {path.name}"

    def recover(self, project):
        """(what became of it, everything that was said)"""
        load, build = project.run("load", "--json"), project.run("build", "--json")
        told = f"{load}\n{build}"
        if load.code == 0 and build.code == 0:
            try:
                broken, got = check_all(project, self.delivered)
            except RuntimeError as e:  # a damaged block that only a look at every row meets
                self.assertIn("Corrupt", str(e), told)
                return self.rebuild(project, told)
            self.assertEqual(broken, [], told)
            for what in ("gold", "silver"):
                self.assertEqual(got[what], self.expected[what], told)
            return ("healed" if "log_set_aside" in load.err + build.err or "ledger_refilled" in load.err else "harmless"), told
        failed = load if load.code != 0 else build
        self.assertEqual(failed.code, 2, told)
        self.assertIn("millrace load --rebuild", told, "the message has the command")
        return self.rebuild(project, told)

    def rebuild(self, project, told):
        damaged = project.warehouse.read_bytes()
        load, build = project.run("load", "--rebuild", "--json"), project.run("build", "--json")
        told += f"\n{load}\n{build}"
        self.assertEqual((load.code, build.code), (0, 0), told)
        broken, got = check_all(project, self.delivered)
        self.assertEqual(broken, [], told)
        for what in ("gold", "silver"):
            self.assertEqual(got[what], self.expected[what], told)
        kept = [f for f in project.folder.glob("warehouse.duckdb.set-aside-*") if not f.name.endswith(".wal")]
        self.assertTrue(any(f.read_bytes() == damaged for f in kept), "the damaged file is kept")
        return "rebuilt", told

    def test_damage_is_detected_or_healed_and_no_row_is_missing(self):
        became = {}
        for number in range(DAMAGES):
            kind = ("cut", "flip", "file")[number % 3]
            project = self.p.copy_to(self.temp / f"damaged-{number}")
            what = self.damage(kind, project)
            with self.subTest(seed=SEED, number=number, damage=what):
                fate, _ = self.recover(project)
                became[kind, fate] = became.get((kind, fate), 0) + 1
            for path in sorted(project.folder.rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
        told = ", ".join(f"{kind} {fate} {n}" for (kind, fate), n in sorted(became.items()))
        print(f"{DAMAGES} damages: {told}; seed {SEED}")


if __name__ == "__main__":
    main()
