#!/usr/bin/env python3
"""The disk runs full while `up` loads: the message says so, nothing is half loaded, the API answers, and when space
returns the same process goes on by itself.

The project lies on a tmpfs of fixed size, mounted in a namespace of this process, so that nothing leaks.
"""
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_faults import in_mount_namespace, mounted_tmpfs  # noqa: E402
from millrace_invariants import check, contents  # noqa: E402
from millrace_process import ProcessTest, Project, main, orders, wait_until  # noqa: E402

SEED = int(os.environ.get("MILLRACE_CHAOS_SEED", "20261122"))
ROUNDS = int(os.environ.get("MILLRACE_DISK_FULL_ROUNDS", "8"))
ROWS = 12_000  # of a file: about 1 MB
FAST = "pipelines:\n  orders:\n    sensor: {poke_interval: 200ms, stable_for: 50ms}\nserve:\n"


class DiskFull(ProcessTest):
    def on_disk(self, megabytes, keep_free):
        disk = mounted_tmpfs(self, self.temp / "disk", megabytes)
        p = Project(disk / "orders")
        p.edit("millrace.yaml", "serve:\n", FAST)
        p.edit("millrace.yaml", "url: duckdb:./warehouse.duckdb",
               f"url: duckdb:./warehouse.duckdb\n  keep_free: {keep_free}")
        self.disk, self.filler, self.delivered, self.reads = disk, disk / "filler", {}, 0
        return p

    def free(self):
        s = os.statvfs(self.disk)
        return s.f_bavail * s.f_frsize

    def fill_disk(self, leave):
        """Somebody else's file takes all but `leave` bytes."""
        with open(self.filler, "ab") as f:
            while self.free() > leave:
                f.write(b"\0" * min(1 << 16, max(4096, self.free() - leave)))
                f.flush()

    def deliver(self, p, number):
        name, data = f"f{number:03}.csv", orders(number * ROWS, ROWS)
        p.drop(name, data)
        self.delivered[f"landing/orders/{name}"] = [data]

    def answers(self, up, at_least):
        """The API answers as it should, now."""
        generation, count = up.served()
        self.assertGreaterEqual(count, at_least)
        status, _, one = up.get("/orders/5")
        self.assertEqual((status, one.get("order_id")), (200, 5), one)
        self.reads += 1
        return generation, count

    def full(self, up, kinds=("unavailable", "commit_unknown", "internal")):
        """The errors that tell of the disk; each names a path and what to do."""
        found = [e for e in up.all("error") if "space" in e["message"] + e["hint"]]
        for e in found:
            self.assertIn(e["kind"], kinds)
            self.assertIn(str(self.disk), e["message"])
            self.assertTrue(e["hint"], e)
        return found

    def ends_sound(self, p, up, rows):
        self.assertEqual(up.stop(), 0, up.story())
        self.assertEqual(check(p, self.delivered), [], up.story())
        self.assertEqual(contents(p.warehouse, "gold")["gold"][0], rows)

    def test_a_load_waits_for_room_before_the_engine_ever_meets_the_end_of_the_disk(self):
        p = self.on_disk(160, "64MiB")
        self.deliver(p, 0)
        with p.up() as up:
            wait_until(lambda: up.all("serving") and up.served()[1] == ROWS, "the first file", context=up.story)
            self.fill_disk(leave=60 << 20)
            self.deliver(p, 1)
            wait_until(lambda: self.full(up), "up to say that the disk is full", context=up.story)
            told = self.full(up)[0]
            self.assertIn("landing/orders/f001.csv", told["message"])
            self.assertIn("expected at least", told["hint"])
            self.answers(up, ROWS)
            self.assertEqual(up.get("/readyz")[0], 200, "reads are answered")
            self.assertEqual(p.landed(), ["f001.csv"])

            self.filler.unlink()

            wait_until(lambda: self.answers(up, ROWS)[1] == 2 * ROWS, "up to go on by itself", context=up.story)
            self.assertEqual(len(self.full(up)), 1, "told once")
            self.ends_sound(p, up, 2 * ROWS)

    def test_a_command_that_finds_no_room_says_so_and_the_next_one_goes_on(self):
        p = self.on_disk(120, "64MiB")
        self.deliver(p, 0)
        self.fill_disk(leave=50 << 20)

        done = p.run("load", "--json")

        self.assertEqual(done.code, 2, str(done))
        self.assertIn("too little space", done.json["errors"][0]["message"])
        self.filler.unlink()
        self.ok(p.run("load"))
        self.ok(p.run("build"))
        self.assertEqual(check(p, self.delivered), [])

    def test_the_engine_meets_the_end_of_the_disk_and_the_same_process_goes_on_when_space_returns(self):
        """Without the guard, and with a different rest of space each round, so that it strikes at different writes."""
        dice = random.Random(SEED)
        p = self.on_disk(64 + 6 * ROUNDS, "0")
        self.deliver(p, 0)
        with p.up() as up:
            wait_until(lambda: up.all("serving") and up.served()[1] == ROWS, "the first file", context=up.story)
            number, met = 0, 0
            for turn in range(ROUNDS):
                leave = dice.randrange(1_100_000, 6_000_000)
                with self.subTest(seed=SEED, round=turn, leave=leave):
                    before = len(up.all("error"))
                    known = self.answers(up, ROWS)[1]
                    self.fill_disk(leave)
                    for _ in range(6):
                        try:
                            self.deliver(p, number + 1)
                        except OSError:  # no room even for the delivery
                            (p.landing / f".f{number + 1:03}.csv.part").unlink()
                            break
                        number += 1
                        end = time.monotonic() + 0.6
                        while time.monotonic() < end:
                            self.reads_or_waits(up, known)
                    met += len(up.all("error")) > before
                    self.assertIsNone(up.process.poll(), up.story())
                    self.filler.unlink(missing_ok=True)
                    rows = (number + 1) * ROWS
                    wait_until(lambda: self.reads_or_waits(up, known) == rows, f"{rows} orders at the API", 40, up.story)
                    self.full(up)
            print(f"{ROUNDS} rounds, {number + 1} files, the engine met the end of the disk in {met}, "
                  f"{self.reads} reads answered, {len(up.all('error'))} errors told, the engine was opened again "
                  f"{sum('engine_reopened' in line for line in up.talk)} times; seed {SEED}")
            for message in sorted({e["kind"] + ": " + e["message"] for e in up.all("error")}):
                print("  " + message)
            self.assertGreater(met, 0, "the disk was never full enough")
            self.ends_sound(p, up, rows)

    def reads_or_waits(self, up, at_least):
        """How many orders the API tells; None where it says 503 (the warehouse is being opened again)."""
        try:
            return self.answers(up, at_least)[1]
        except AssertionError as e:
            if "503" not in str(e):
                raise
            time.sleep(0.02)
            return None


if __name__ == "__main__":
    in_mount_namespace()
    main()
