#!/usr/bin/env python3
"""Little memory: a load that the kernel kills leaves nothing behind, and a file of any size loads in a small control
group, because the program sees its limit and keeps the engine below it.

MILLRACE_BIG_FILE_MB: size of that file (300; 10,000 in `./dev soak`), MILLRACE_BIG_FILE_GROUP_MB: of the group (1,024).
"""
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_faults import MemoryGroup  # noqa: E402
from millrace_invariants import check, contents  # noqa: E402
from millrace_process import BINARY, ProcessTest, environment, main, orders  # noqa: E402

BIG_MB = int(os.environ.get("MILLRACE_BIG_FILE_MB", "300"))
GROUP_MB = int(os.environ.get("MILLRACE_BIG_FILE_GROUP_MB", "1024"))
BYTES_OF_A_ROW = 118.6  # of the sample
ROWS = 150_000


class Memory(ProcessTest):
    def test_a_load_that_the_kernel_kills_leaves_nothing_and_the_next_one_does_it(self):
        p = self.project()
        first, second = orders(0, 500), orders(1000, ROWS)
        p.drop("first.csv", first)
        self.ok(p.run("load"))
        p.drop("second.csv", second)
        delivered = {"landing/orders/first.csv": [first], "landing/orders/second.csv": [second]}
        # The engine is told that it may take more than there is.
        p.edit("millrace.yaml", "url: duckdb:./warehouse.duckdb", "url: duckdb:./warehouse.duckdb\n  memory_limit: 8GiB")
        killed, told = 0, ""
        for megabytes in (96, 80, 64, 56, 48, 40, 32, 24):
            with MemoryGroup(megabytes) as group:
                code, said = group.run([BINARY, "load", "--project", p.folder], env=environment())
            told += f"{megabytes} MB: exit code {code}\n{said}"
            self.assertIn(code, (0, 2, -9), told)
            if code == 0:
                p = self.again(p, first, second)
                continue
            killed += code == -9
            self.assertEqual(check(p, delivered, settled=False), [], told)
            if killed == 3:
                break
        self.assertGreater(killed, 0, f"nothing was killed\n{told}")

        self.ok(p.run("load"))
        self.ok(p.run("build"))

        self.assertEqual(check(p, delivered), [], told)
        self.assertEqual(contents(p.warehouse, "gold")["gold"][0], 500 + ROWS)
        print(f"killed {killed} times")

    def again(self, _, first, second):
        """It was enough memory: the same project, before its second load."""
        p = self.project(f"orders-{time.monotonic_ns()}")
        p.drop("first.csv", first)
        self.ok(p.run("load"))
        p.drop("second.csv", second)
        p.edit("millrace.yaml", "url: duckdb:./warehouse.duckdb", "url: duckdb:./warehouse.duckdb\n  memory_limit: 8GiB")
        return p

    def test_a_big_file_loads_in_a_small_control_group(self):
        p = self.project()
        rows = int(BIG_MB * 1e6 / BYTES_OF_A_ROW)
        self.ok(p.run("sample", "--rows", rows, "--defects", "0.0001", "--seed", "7", seconds=1800))
        size = sum(f.stat().st_size for f in p.landing.iterdir())
        began = time.monotonic()
        with MemoryGroup(GROUP_MB) as group:
            code, told = group.run([BINARY, "load", "--project", p.folder, "--json"], env=environment(), seconds=3 * 3600)
            peak = group.peak_megabytes()
        self.assertEqual(code, 0, told)
        entry = p.ask("SELECT records, rows_loaded, rows_quarantined FROM millrace.ledger")[0][0]
        held = p.ask("SELECT count(*) AS n, count(DISTINCT order_id) AS ids FROM raw.orders",
                     "SELECT count(*) AS n FROM millrace.quarantine")
        self.assertEqual(held[0][0], {"n": entry["rows_loaded"], "ids": entry["rows_loaded"]})
        self.assertEqual(held[1][0]["n"], entry["rows_quarantined"])
        self.assertGreaterEqual(entry["records"], rows)
        print(f"{size / 1e6:,.0f} MB, {entry['records']:,} records in a group of {GROUP_MB} MiB: "
              f"{time.monotonic() - began:.0f} s, peak with file cache {peak} MiB")


if __name__ == "__main__":
    main()
