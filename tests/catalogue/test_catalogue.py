#!/usr/bin/env python3
"""All cases of the catalogue of bad input, through the real binary: each ends as it must, none in silence.

One project, one source for each variant of contract and settings, one `millrace load`. What became of the files is read
from the tables. What cannot be a file among others (links, permissions, several deliveries) has a test of its own below.
"""
import os
import pathlib
import random
import stat
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import catalogue  # noqa: E402
from catalogue import VARIANTS, Fate, csv, row  # noqa: E402
from millrace_process import BINARY, Project, ProcessTest, environment, main  # noqa: E402

SEVERAL_DELIVERIES = {83, 86, 87}  # tested below


def project(folder):
    p = Project(folder)
    catalogue.millrace_yaml(p.folder)
    for variant in VARIANTS:
        (p.lake / "landing" / variant).mkdir(parents=True)
    return p


def land(p, variant, name, data):
    """Whole, and old enough that nobody waits for it to settle."""
    part = p.lake / "landing" / variant / f".{name[:100]}.part"
    part.write_bytes(data)
    os.utime(part, (1_600_000_000, 1_600_000_000))
    part.rename(p.lake / "landing" / variant / name)


class State:
    """The tables after a load, by key."""

    def __init__(self, p):
        columns = [c for v in VARIANTS for c in [v]]
        self.p = p
        files, rejects, warnings, tables = p.ask(
            "SELECT * FROM millrace.ledger ORDER BY file_id",
            "SELECT q.*, hex(q.raw) AS raw_hex FROM millrace.quarantine q ORDER BY file_id, line",
            "SELECT file_id, code, n FROM millrace.warnings",
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'raw'")
        self.files = {f["key"]: f for f in files}
        self.rejects, self.warnings = {}, {}
        for r in rejects:
            self.rejects.setdefault(r["file_id"], []).append(r)
        for w in warnings:
            self.warnings.setdefault(w["file_id"], {})[w["code"]] = w["n"]
        present = [t["table_name"] for t in tables if t["table_name"] in columns]
        found = p.ask(*[f"SELECT * REPLACE (\"at\"::VARCHAR AS \"at\", day::VARCHAR AS day, price::VARCHAR AS price) "
                        f"FROM raw.{t} ORDER BY _mr_file_id, _mr_line" for t in present])
        self.rows = {}
        for rows in found:
            for r in rows:
                self.rows.setdefault(r["_mr_file_id"], []).append(r)


class Catalogue(ProcessTest):
    def fate_of(self, state, key):
        """What became of a file, in the catalogue's words, and what is told of it."""
        file = state.files.get(key)
        if file is None:
            return None, ""
        found = Fate(state=file["state"], code=file["code"], rows=len(state.rows.get(file["file_id"], [])),
                     rejects=[r["code"] for r in state.rejects.get(file["file_id"], [])],
                     warnings=state.warnings.get(file["file_id"], {}))
        reasons = [file["reason"] or "", *[r["reason"] for r in state.rejects.get(file["file_id"], [])]]
        return found, reasons

    def check_file(self, state, case, name):
        wanted, key = case.fates[name], f"landing/{case.variant}/{name}"
        found, reasons = self.fate_of(state, key)
        where = f"case {case.number}, {case.title} ({case.variant}/{name[:40]})"
        if found is None:
            return [f"{where}: is not in the ledger"]
        faults = []
        for part in ("state", "code", "rows", "rejects", "warnings"):
            if getattr(found, part) != getattr(wanted, part):
                faults.append(f"{where}: {part}: expected {getattr(wanted, part)!r}, found {getattr(found, part)!r}; {reasons[:2]}")
        if wanted.reason and not any(wanted.reason in r for r in reasons):
            faults.append(f"{where}: no reason holds {wanted.reason!r}: {reasons[:2]}")
        rows = state.rows.get(state.files[key]["file_id"], [])
        for column, values in (wanted.values or {}).items():
            got = [r.get(column) for r in rows]
            if got != values:
                faults.append(f"{where}: {column}: expected {values!r}, found {got!r}")
        return faults

    def test_every_case_ends_as_it_must(self):
        p = project(self.temp / "p")
        cases = list(catalogue.cases())
        for case in cases:
            for name, data in case.files.items():
                land(p, case.variant, name, data)
        done = p.run("load", "--json", seconds=600)
        self.assertIn(done.code, (0, 1), str(done)[:3000])
        state = State(p)
        faults = [f for case in cases for name in case.files for f in self.check_file(state, case, name)]
        self.assertEqual(faults, [], "\n".join(faults))
        self.assertEqual(sum(len(c.files) for c in cases), len(state.files), "a file is in the ledger twice, or not at all")
        numbers = {c.number for c in cases} | SEVERAL_DELIVERIES
        self.assertEqual(numbers, set(range(1, 88)), "a case of the catalogue has no test")

    def test_raw_bytes_of_rejects_are_those_of_the_file(self):
        p = project(self.temp / "p")
        data = csv(row(1), row(2, qty="x"), row(3), "4,short", row(5, name='"open'))
        land(p, "base", "a.csv", data)
        p.run("load")
        for r in State(p).rejects[1]:
            raw = bytes.fromhex(r["raw_hex"])
            self.assertEqual(data[r["byte_offset"]:r["byte_offset"] + len(raw)], raw)
            self.assertEqual(data[:r["byte_offset"]].count(b"\n") + 1, r["line"])

    def test_82_83_what_is_no_file_to_load_is_told_and_left_alone(self):
        p = project(self.temp / "p")
        landing = p.lake / "landing/base"
        land(p, "base", "good.csv", csv(row(1)))
        (landing / "link.csv").symlink_to("/etc/hostname")
        os.mkfifo(landing / "pipe.csv")
        (landing / "folder.csv").mkdir()
        for name in (".hidden.csv", "_SUCCESS", "a.csv.tmp", "b.csv.crc"):
            (landing / name).write_bytes(csv(row(2)))
        done = p.run("load", "--json")
        state = State(p)
        ignored = {i["key"] for i in done.json.get("ignored", [])}
        self.assertEqual(list(state.files), ["landing/base/good.csv"], str(done))
        for name in ("link.csv", "pipe.csv", ".hidden.csv", "_SUCCESS", "a.csv.tmp", "b.csv.crc"):
            self.assertIn(f"landing/base/{name}", ignored, str(done))
            self.assertTrue(os.path.lexists(landing / name), name)
        self.assertTrue(stat.S_ISFIFO(os.lstat(landing / "pipe.csv").st_mode))

    def test_84_the_same_content_under_two_keys_is_loaded_once(self):
        p = project(self.temp / "p")
        land(p, "base", "a.csv", csv(row(1)))
        land(p, "base", "b.csv", csv(row(1)))
        p.run("load")
        state = State(p)
        self.assertEqual([f["state"] for f in state.files.values()], ["loaded", "duplicate"])
        self.assertEqual(state.files["landing/base/b.csv"]["duplicate_of"], state.files["landing/base/a.csv"]["file_id"])
        self.assertEqual(sum(len(r) for r in state.rows.values()), 1)

    def test_86_order_split_and_late_files_change_nothing(self):
        rows = [row(i, name=f"n{i}") for i in range(1, 301)]
        shuffled = random.Random(86).sample(rows, len(rows))
        deliveries = [[csv(*rows)], [csv(*shuffled)], [csv(*shuffled[:100]), csv(*shuffled[200:]), csv(*shuffled[100:200])]]
        found = []
        for i, files in enumerate(deliveries):
            p = project(self.temp / f"p{i}")
            for n, data in enumerate(files):
                land(p, "key_first", f"{n}.csv", data)
                p.run("load")  # one after the other: the last one comes late
            found.append(p.ask("SELECT * EXCLUDE (_mr_file_id, _mr_line, _mr_offset, _mr_length) FROM raw.key_first ORDER BY id")[0])
        self.assertEqual(len(found[0]), 300)
        self.assertEqual(found[0], found[1])
        self.assertEqual(found[0], found[2])

    @unittest.skipUnless(os.geteuid() == 0, "needs root, to run as a user who may not read a file")
    def test_87_a_file_that_may_not_be_read_is_told_and_holds_up_no_other(self):
        p = project(self.temp / "p")
        land(p, "base", "a.csv", csv(row(1)))
        land(p, "base", "b.csv", csv(row(2)))
        (p.lake / "landing/base/a.csv").chmod(0)
        subprocess.run(["chown", "-R", "65534:65534", str(self.temp)], check=True)
        self.temp.chmod(0o755)
        done = subprocess.run([BINARY, "load", "--project", str(p.folder), "--json"], capture_output=True, text=True,
                              env=environment(HOME=str(self.temp)), user=65534, group=65534, check=False)
        self.assertNotEqual(done.returncode, 0, "a file could not be read, and nobody was told")
        self.assertIn("landing/base/a.csv", done.stdout + done.stderr)
        state = State(p)
        self.assertEqual(state.files["landing/base/b.csv"]["state"], "loaded", done.stdout + done.stderr)
        self.assertNotIn("landing/base/a.csv", state.files)
        self.assertTrue((p.lake / "landing/base/a.csv").exists())


if __name__ == "__main__":
    main()
