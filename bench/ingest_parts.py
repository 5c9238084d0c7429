"""The parts of bench/ingest: each measures one question and adds its lines to the table at the end."""
import json
import os
import pathlib
import shutil
import statistics
import sys
import time

import measure

COLUMNS = {
    "order_id": "BIGINT", "source": "VARCHAR", "customer_id": "BIGINT", "payment_id": "BIGINT", "voucher_id": "BIGINT",
    "product_id": "BIGINT", "website": "VARCHAR", "order_status": "VARCHAR", "voucher_status": "VARCHAR",
    "payment_status": "VARCHAR", "order_date": "TIMESTAMP", "payment_date": "TIMESTAMP",
}
CHECK = ("SELECT count(*), sum(order_id), sum(payment_id), count(voucher_id), count(product_id), "
         "max(order_date), min(payment_date), count(DISTINCT website) FROM raw.orders")
FILES = 100          # of equal shape
ROWS_OF_A_FILE = 20_000
LEDGER_ROWS = 1_000_000


DEFECTS = 0.001      # of the records: what real files bring


def read_csv(file):
    """Broken lines are left out: without that, the rival would end at the first one."""
    types = ", ".join(f"'{name}': '{sql}'" for name, sql in COLUMNS.items())
    return f"read_csv('{file}', header = true, delim = ',', columns = {{{types}}}, ignore_errors = true)"


def compare(what, ours, theirs, most):
    """Two lines of counts: they may differ by `most`, as each tool has its own mind about a broken line."""
    pairs = list(zip(ours.split(), theirs.split(), strict=True))
    if any(a != b and (not a.isdigit() or abs(int(a) - int(b)) > most) for a, b in pairs):
        sys.exit(f"{what} differ, no time is worth reporting:\n{ours}{theirs}")


class Bench:
    """Programs, data and the table."""

    def __init__(self, root, options):
        self.root, self.options, self.work = root, options, root / "var/bench"
        self.millrace = options.build / "src/app/millrace"
        self.bare, self.reader = options.build / "bench/bare_duckdb", options.build / "bench/read_file"
        self.threads = os.cpu_count()
        self.table = []

    def data(self, rows, files=1, defects=0.0):
        """The folder with sample files; made once."""
        folder = self.work / (f"data-{rows}" + (f"-{files}" if files > 1 else "") + (f"-{defects}" if defects else ""))
        if not folder.exists():
            new = self.work / "data.new"
            shutil.rmtree(new, ignore_errors=True)
            new.mkdir(parents=True)
            measure.run([self.millrace, "sample", "--rows", str(rows), "--files", str(files), "--defects", str(defects),
                         "--out", new])
            new.rename(folder)
        return folder

    def file(self, rows, defects=0.0):
        return next(self.data(rows, defects=defects).glob("*.csv"))

    def project(self, files=(), name="project"):
        """A fresh project in which these files have landed."""
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        measure.run([self.millrace, "init", folder])
        for file in files:
            self.land(folder, file, file.name)
        return folder

    @staticmethod
    def land(project, file, name):
        (project / "lake/landing/orders" / name).hardlink_to(file)

    def load(self, project):
        """[milliseconds of each file], the run"""
        run = measure.run([self.millrace, "load", "--json", "--project", project])
        document = next(line for line in run.out.splitlines() if line.startswith("{"))  # beside the talk
        return [f["milliseconds"] for f in json.loads(document)["files"]], run

    def fresh_database(self, name="rival.duckdb"):
        path = self.work / name
        for file in (path, pathlib.Path(f"{path}.wal")):
            file.unlink(missing_ok=True)
        return path

    def add(self, what, ours, theirs, ratio, goal=""):
        self.table.append((what, ours, theirs, ratio, goal))

    def print_table(self):
        titles = ("question", "millrace", "yardstick", "ratio", "goal")
        rows = [titles, *self.table]
        widths = [max(len(r[c]) for r in rows) for c in range(len(titles))]
        print()
        for number, row in enumerate(rows):
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
            if number == 0:
                print("  ".join("-" * width for width in widths))


def ratios(ours, theirs):
    return measure.spread([o / t for o, t in zip(ours, theirs)])


def reader(b):
    """Both parse the same 12 typed columns and keep nothing. count(column) is the cheapest question that DuckDB cannot
    answer without every value: whether there is one is known after its cast only, and CSV has no statistics."""
    contract = b.project() / "contracts/orders.yaml"
    counts = ", ".join(f"count({c})" for c in COLUMNS)

    def pair(file):
        measure.warm(file)
        theirs = measure.run([b.bare, ":memory:", f"SET threads = {b.threads}", f"SELECT {counts} FROM {read_csv(file)}"])
        return measure.run([b.reader, contract, file, str(b.threads)]), theirs

    ours, theirs = pair(b.file(b.options.rows // 10))
    compare("the two readers of a clean file", ours.out, theirs.out, 0)
    file, ours, theirs = b.file(b.options.rows, DEFECTS), [], []
    for number in range(b.options.rounds):
        mine, rival = pair(file)
        compare("the two readers", mine.out, rival.out, b.options.rows * DEFECTS)
        ours.append(mine.wall)
        theirs.append(rival.wall)
        print(f"reader    round {number + 1}: millrace {mine.wall:.2f} s ({mine.cpu:.2f} cpu), "
              f"read_csv {rival.wall:.2f} s ({rival.cpu:.2f} cpu)")
    b.add(f"reader alone, {b.options.rows:,} rows, {b.threads} threads", measure.spread(ours) + " s",
          measure.spread(theirs) + " s", ratios(theirs, ours) + " times as fast", "3 or more")


def load(b):
    def pair(file):
        rival = b.fresh_database()
        measure.warm(file)  # both find the file in the page cache
        theirs = measure.run([b.bare, rival, "CREATE SCHEMA raw", "CREATE TABLE raw.orders AS SELECT * FROM " +
                              read_csv(file), "CHECKPOINT"])
        project = b.project([file])
        ours = measure.run([b.millrace, "load", "--project", project])
        return ours, theirs, [measure.run([b.bare, db, CHECK]).out for db in (project / "warehouse.duckdb", rival)]

    _, _, checks = pair(b.file(b.options.rows // 10))
    compare("the two tables of a clean file", *checks, 0)
    file, ours, theirs = b.file(b.options.rows, DEFECTS), [], []
    print(f"load      {b.options.rows:,} rows, {file.stat().st_size / 1e9:.2f} GB, {len(COLUMNS)} columns, "
          f"{DEFECTS:.1%} of the records broken")
    for number in range(b.options.rounds):
        mine, rival, checks = pair(file)
        # Sums and the latest date hang on the rows that only one of them takes.
        compare("the two tables", *("\t".join(c.split("\t")[i] for i in (0, 3, 4, 7)) for c in checks),
                b.options.rows * DEFECTS)
        ours.append(mine)
        theirs.append(rival)
        print(f"load      round {number + 1}: millrace {mine.wall:.2f} s, bare DuckDB {rival.wall:.2f} s")
    for what in ("wall", "cpu"):
        o, t = [getattr(r, what) for r in ours], [getattr(r, what) for r in theirs]
        b.add(f"whole load, {b.options.rows:,} rows, {what}", measure.spread(o) + " s", measure.spread(t) + " s",
              ratios(o, t), "1.0, better 0.7" if what == "wall" else "")
    b.add("  peak memory", f"{max(r.peak_mb for r in ours):.0f} MB", f"{max(r.peak_mb for r in theirs):.0f} MB", "", "1024 MB")
    b.add("  speed", f"{b.options.rows / statistics.median([r.wall for r in ours]) / 1e6:.2f} M rows/s", "", "")


def flat(b):
    """What a file costs must not depend on how many were loaded before it."""
    files = sorted(b.data(FILES * ROWS_OF_A_FILE, FILES).glob("*.csv"))
    first, last, crowded, alone = [], [], [], []
    for number in range(b.options.rounds):
        times, _ = b.load(b.project(files))
        first.append(statistics.median(times[1:6]))  # not the very first: it warms the process up
        last.append(statistics.median(times[-5:]))
        for entries, into in ((0, alone), (LEDGER_ROWS, crowded)):
            project = b.project(files[:1], "crowded")
            b.load(project)
            if entries:
                measure.run([b.bare, project / "warehouse.duckdb", *crowd(entries)])
            for file in files[1:7]:
                b.land(project, file, file.name)
            times, run = b.load(project)
            into.append(statistics.median(times))
        print(f"flat      round {number + 1}: the first {first[-1]:.0f} ms, the 100th {last[-1]:.0f} ms; ledger empty "
              f"{alone[-1]:.0f} ms, with {LEDGER_ROWS:,} entries {crowded[-1]:.0f} ms (that process took {run.wall:.1f} s)")
    b.add(f"the {FILES}th equal file ({ROWS_OF_A_FILE:,} rows) against the first", measure.spread(last) + " ms",
          measure.spread(first) + " ms", ratios(last, first), "at most 1.2")
    b.add(f"with {LEDGER_ROWS:,} ledger entries against none", measure.spread(crowded) + " ms",
          measure.spread(alone) + " ms", ratios(crowded, alone), "at most 1.2")


def crowd(entries):
    """As if so many files had been loaded before: copies of the first entry with ids, names, sizes and digests of their own."""
    return [f"INSERT INTO millrace.ledger SELECT e.* REPLACE (i + 10 AS file_id, 'landing/orders/old-' || i || '.csv' AS key, "
            "md5(i::VARCHAR) || md5((i + 1)::VARCHAR) AS sha256, 1000 + i AS size_bytes, "
            "'processed/dt=2026-01-01/orders/old-' || i || '~' || lpad((i + 10)::VARCHAR, 6, '0') || '.csv' AS archive_key, "
            "'replaced' AS state) "
            f"FROM millrace.ledger e, range({entries}) t(i) WHERE e.file_id = 1",
            f"UPDATE millrace.fence SET n = {entries + 100}", "CHECKPOINT"]


def rivals(b):
    import rivals as users  # beside this file
    python = users.environment(b.root / "build/rivals")
    if isinstance(python, str):
        print(f"rivals    SKIPPED: {python}")
        b.add("what users run today", "", "", f"SKIPPED: {python.splitlines()[0][:60]}")
        return
    rows = b.options.rival_rows
    file = b.file(rows)
    mine = [measure.run([b.millrace, "load", "--project", b.project([file])]).wall for _ in range(b.options.rounds)]
    for name, share in users.RIVALS.items():  # the slow ones get a share of the rows
        some = max(1000, int(rows * share))
        times = []
        for _ in range(b.options.rounds):
            run = measure.run([python, b.root / "bench/rivals.py", name, b.file(some), b.fresh_database(f"{name}.duckdb")])
            held = run.out.split()[-1]
            if held != str(some):
                sys.exit(f"{name} loaded {held} rows, expected {some}")
            times.append(run.wall)
        print(f"rivals    {name}: {some:,} rows in {statistics.median(times):.2f} s")
        per_row = [t / some for t in times]
        b.add(f"{name}, {some:,} rows, for a row", f"{statistics.median(mine) / rows * 1e6:.2f} µs",
              f"{statistics.median(per_row) * 1e6:.2f} µs", f"{statistics.median(per_row) / (statistics.median(mine) / rows):.1f} "
              "times as fast")


def big(b):
    sys.path.insert(0, str(b.root / "tests"))
    from millrace_faults import MemoryGroup
    rows = int(b.options.big_mb * 1e6 / 118.6)
    file = b.file(rows)
    project = b.project([file])
    began = time.monotonic()
    with MemoryGroup(1024) as group:
        code, told = group.run([b.millrace, "load", "--project", project], seconds=4 * 3600)
        peak = group.peak_megabytes()
    if code != 0:
        sys.exit(f"the load ended with {code} in a control group of 1 GiB:\n{told[-2000:]}")
    b.add(f"{file.stat().st_size / 1e9:.1f} GB in a control group of 1 GiB", f"{time.monotonic() - began:.0f} s", "",
          f"peak with file cache {peak} MiB", "it loads")


PARTS = {"reader": reader, "load": load, "flat": flat, "rivals": rivals, "big": big}
