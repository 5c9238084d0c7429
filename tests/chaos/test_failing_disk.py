#!/usr/bin/env python3
"""The K-th write, truncation, sync or rename of a process fails, of the engine's as of ours: whatever K, nothing is lost,
doubled or half loaded, the process ends with a message (or the engine ends it), and when the disk is well again the
next `load` finishes the work.

The method is SQLite's: n-th operation, check, n + 1. MILLRACE_FAILING_DISK_STEPS: how many of all K are tried.
"""
import errno
import os
import pathlib
import shutil
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import check, contents  # noqa: E402
from millrace_process import ProcessTest, csv, main, orders, row  # noqa: E402

LIBRARY = os.environ.get("MILLRACE_FAILING_DISK", "")
STEPS = int(os.environ.get("MILLRACE_FAILING_DISK_STEPS", "24"))
FILES = {"a.csv": csv([row(1), row(2, website=""), *[row(i) for i in range(3, 300)]]), "b.csv": orders(1000, 200),
         "c.csv": b"not,a,header\n1,2,3\n"}


class FailingDisk(ProcessTest):
    def setUp(self):
        super().setUp()
        self.assertTrue(os.path.exists(LIBRARY), "build the target failing_disk, and set MILLRACE_FAILING_DISK")
        self.master = self.project("master")
        for name, data in FILES.items():
            self.master.drop(name, data)
        self.delivered = {f"landing/orders/{name}": [data] for name, data in FILES.items()}

    def copy(self, name):
        return self.master.copy_to(self.temp / name)

    def load(self, p, at, error, ever):
        more = {"MILLRACE_FAIL_EVER": "1"} if ever else {}
        return p.run("load", env={"LD_PRELOAD": LIBRARY, "MILLRACE_FAIL_UNDER": str(p.folder), "MILLRACE_FAIL_AT": str(at),
                                  "MILLRACE_FAIL_ERRNO": str(error), "MILLRACE_FAIL_COUNT": str(self.temp / "count"), **more},
                     seconds=300)

    @staticmethod
    def age(p):
        """What a failed process has left is older than a moment when somebody tries again."""
        for path in p.folder.glob("warehouse.duckdb*"):
            when = time.time() - 60
            os.utime(path, (when, when))

    def wrong(self, p):
        """What does not hold while the work is unfinished."""
        try:
            return check(p, self.delivered, settled=False)
        except RuntimeError as e:
            if "warehouse_query: opening" not in str(e):
                raise
            # Its first write failed: no engine can open it, nothing was ever committed, so nothing may have moved.
            return [f"{name} is not in landing/" for name in FILES if not (p.landing / name).exists()]

    def steps(self, n):
        wanted = {1 + i * (n - 1) // max(1, STEPS - 1) for i in range(STEPS)} | set(range(1, min(n, 8) + 1))
        return sorted(wanted)

    def test_whatever_fails_nothing_is_lost_and_the_next_load_finishes(self):
        clean = self.copy("clean")
        self.ok(self.load(clean, 0, 0, False), 1)  # c.csv is refused
        n = int((self.temp / "count").read_text())
        self.assertGreater(n, 20)
        self.assertEqual(check(clean, self.delivered), [])
        want = contents(clean.warehouse, "raw", "quarantine", "ledger")
        told = 0
        for error, ever in ((errno.EIO, False), (errno.ENOSPC, True)):
            for k in self.steps(n):
                where = f"change {k} of {n}, {errno.errorcode[error]}{' and all later ones' if ever else ''}"
                p = self.copy(f"{k}-{error}")
                done = self.load(p, k, error, ever)
                # A destructor of the engine's may throw (DuckDB 1.5: a write-ahead log that cannot be cut), which ends
                # the process at once: as a kill, and what must hold after one must hold here.
                aborted = done.code == -signal.SIGABRT and "duckdb::" in done.err
                self.assertTrue(aborted or done.code in (0, 1, 2), f"{where}: {done}")
                if done.code == 2:
                    told += 1
                    self.assertIn("error: ", done.err, where)
                self.age(p)
                self.assertEqual(self.wrong(p), [], f"{where}: {done}")
                again = p.run("load", seconds=300)
                self.assertIn(again.code, (0, 1), f"{where}: {done}\n{again}")
                self.assertEqual(check(p, self.delivered), [], f"{where}: {done}\n{again}")
                self.assertEqual(contents(p.warehouse, "raw", "quarantine", "ledger"), want, f"{where}: {done}\n{again}")
                shutil.rmtree(p.folder)
        self.assertGreater(told, 5, "the library does not reach the process")

    def test_a_first_write_that_fails_refuses_nobody_for_ever(self):
        for k in range(1, 5):
            for error in (errno.EIO, errno.ENOSPC):
                p = self.copy(f"first-{k}-{error}")
                self.ok(self.load(p, k, error, True), 2)
                self.age(p)
                self.ok(p.run("load"), 1)
                self.assertEqual(check(p, self.delivered), [])


if __name__ == "__main__":
    main()
