#!/usr/bin/env python3
"""kill -9 of a running `up` at moments that nobody chose, while files keep landing: each is loaded exactly once.

MILLRACE_KILLS: how many, in projects of EPISODE each. Seeded; the seed is printed and can be given.
"""
import collections
import os
import pathlib
import random
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import Rebuilds, check, check_all  # noqa: E402
from millrace_process import ProcessTest, csv, main, row, wait_until  # noqa: E402

KILLS = int(os.environ.get("MILLRACE_KILLS", "200"))  # ./dev soak: 2,000
SEED = int(os.environ.get("MILLRACE_CHAOS_SEED", "20261122"))
EPISODE = 25  # kills of one project: what has gathered is looked at after each kill
ROWS = 40     # of a file


class RandomKills(ProcessTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)

    def begin(self, name):
        self.p = self.project(name)
        self.p.edit("millrace.yaml", "serve:\n", "pipelines:\n  orders:\n    sensor: {poke_interval: 200ms, stable_for: 50ms}\n"
                                                 "serve:\n")
        self.delivered = {}     # key: all bytes that landed under it
        self.versions = {}      # name: how often it landed
        self.number = 0

    def rows_of(self, number, version):
        """Every third file has a broken row; a correction has a row less."""
        first = number * 1000
        rows = [row(i, customer_id=number, website=f"V{version}") for i in range(first, first + ROWS - version)]
        return rows + [row(f"{first}x")] if number % 3 == 0 else rows

    def land(self, name, data):
        if self.random.random() < 0.5:
            self.p.drop(name, data, age=0)
        else:  # written in place, with a pause
            with open(self.p.landing / name, "wb") as f:
                f.write(data[:len(data) // 2])
                f.flush()
                time.sleep(self.random.random() * 0.03)
                f.write(data[len(data) // 2:])
        self.delivered.setdefault(f"landing/orders/{name}", []).append(data)

    def drop_something(self):
        settled = [n for n, v in self.versions.items() if v == 1 and not (self.p.landing / n).exists()]
        chance = self.random.random()
        if chance < 0.2 and settled:  # a correction of a file that was taken
            name = self.random.choice(settled)
            self.versions[name] = 2
            self.land(name, csv(self.rows_of(int(name[1:5]), 2)))
        elif chance < 0.4 and self.number:  # known bytes under a new name; such a file is never corrected
            name = f"f{self.random.randint(1, self.number):04}.csv"
            if self.versions[name] == 1:
                self.versions[name] = 0
                self.land(f"again-{name}", self.delivered[f"landing/orders/{name}"][0])
        else:
            self.number += 1
            name = f"f{self.number:04}.csv"
            self.versions[name] = 1
            self.land(name, csv(self.rows_of(self.number, 1)))

    def kill_one(self, moment):
        with self.p.up() as up:
            end = time.monotonic() + moment
            while time.monotonic() < end and up.process.poll() is None:
                self.drop_something()
                time.sleep(max(0, min(self.random.random() * 0.15, end - time.monotonic())))
            self.assertIsNone(up.process.poll(), f"up ended before it was killed\n{up.story()}")
            up.kill()
            self.assertEqual(up.process.returncode, -9)
            self.assertEqual(up.all("error"), [], up.story())

    def test_each_file_is_loaded_exactly_once(self):
        totals, started = collections.Counter(), time.monotonic()
        for first in range(0, KILLS, EPISODE):
            self.begin(f"orders-{first}")
            for number in range(first, min(KILLS, first + EPISODE)):
                # Most while it starts and recovers from the last kill; a long one catches up with what has gathered.
                moment = self.random.random() * (1.2 if number % 4 == 3 else 0.3)
                with self.subTest(seed=SEED, kill=number, moment=f"{moment:.3f} s"):
                    self.kill_one(moment)
                    self.assertEqual(check(self.p, self.delivered, settled=False), [], "right after the kill")
            totals += self.catch_up()
            shutil.rmtree(self.p.folder)
        print(f"{KILLS} kills in {time.monotonic() - started:.0f} s, seed {SEED}: {dict(totals)}")
        for state in ("loaded", "replaced", "duplicate"):
            self.assertGreater(totals[state], 0, "corrections and repetitions came up")

    def catch_up(self):
        """After the kills everything that was delivered arrives; how many deliveries ended how."""
        with self.p.up() as up:
            expected = sum(len(self.rows_of(number, max(1, self.versions[name]))) - (number % 3 == 0)
                           for number in range(1, self.number + 1) for name in [f"f{number:04}.csv"])
            wait_until(lambda: not self.p.landed() and up.all("serving") and up.served()[1] == expected,
                       f"{expected} orders at the API", 60, up.story)
            self.stopped(up)
        broken, got = check_all(self.p, self.delivered)
        self.assertEqual(broken, [], f"seed {SEED}")
        self.assertEqual(got["gold"][0], expected)
        self.assertEqual(list(Rebuilds(self.temp).check(self.p, got)), [], f"seed {SEED}")
        entries = self.p.ask("SELECT key, sha256, state, count(*) AS n FROM millrace.ledger GROUP BY ALL ORDER BY ALL")[0]
        self.assertEqual([e for e in entries if e["n"] != 1], [], "each delivery stands in the ledger once")
        self.assertEqual(len(entries), sum(len(v) for v in self.delivered.values()))
        return collections.Counter({**collections.Counter(e["state"] for e in entries), "orders": expected})


if __name__ == "__main__":
    main()
