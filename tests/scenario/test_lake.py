#!/usr/bin/env python3
"""Commands on the lake: ls, cat, put, stat; what they say, and how they end."""
import gzip
import json
import os
import pathlib
import pty
import signal
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_process import BINARY, ProcessTest, environment, main, orders, row, sha256  # noqa: E402


class Lake(ProcessTest):
    def setUp(self):
        super().setUp()
        self.p = self.project()

    def file(self, name, data):
        path = self.temp / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def lake(self, *words, code=0):
        return self.ok(self.p.run("lake", *words), code)

    def cat(self, *words):
        done = subprocess.run([BINARY, "lake", "cat", "--project", self.p.folder, *words], capture_output=True,
                              env=environment(), timeout=120, check=True)
        self.assertEqual(done.stderr, b"", "no progress where nobody looks")
        return done.stdout

    def test_a_file_lands_where_its_source_looks_and_is_loaded(self):
        told = self.lake("put", self.file("a.csv", orders(100, 3)))
        self.assertIn("landed    landing/orders/a.csv  ", told.out)
        self.assertIn(sha256(orders(100, 3)), told.out)
        self.assertEqual(told.err, "")
        self.assertEqual(self.p.landed(), ["a.csv"])
        self.ok(self.p.run("load"))
        self.assertEqual(self.p.ask("SELECT count(*) AS n FROM raw.orders")[0][0]["n"], 3)

    def test_nothing_is_overwritten_unless_asked_for(self):
        path = self.file("a.csv", orders(100, 3))
        self.lake("put", path)
        self.assertIn("unchanged", self.lake("put", path).out)
        path.write_bytes(orders(200, 3))
        self.assertIn("other bytes stand there", self.lake("put", path, code=2).err)
        self.assertEqual((self.p.landing / "a.csv").read_bytes(), orders(100, 3))
        self.assertIn("replaced", self.lake("put", path, "--force").out)
        self.assertEqual((self.p.landing / "a.csv").read_bytes(), orders(200, 3))

    def test_several_files_go_into_a_folder_as_one_document(self):
        a, b = self.file("x/a.csv", orders(1, 1)), self.file("x/b.csv", orders(2, 1))
        files = self.lake("put", a, b, "--to", "landing/orders/", "--json").json["files"]
        self.assertEqual([(f["key"], f["outcome"], f["sha256"]) for f in files],
                         [("landing/orders/a.csv", "landed", sha256(orders(1, 1))),
                          ("landing/orders/b.csv", "landed", sha256(orders(2, 1)))])
        self.assertIn("is one key for 2 files", self.lake("put", a, b, "--to", "landing/orders/c.csv", code=2).err)

    def test_names_that_nobody_would_take_are_refused_before_anything_lands(self):
        good = self.file("good.csv", orders(1, 1))
        for name in (".a.csv", "_a.csv", "a.csv.tmp", "a\nb.csv", "readme.txt"):
            self.lake("put", good, self.file(name, b"x"), code=2)
        self.assertEqual(self.p.landed(), [])
        for to in ("processed/a.csv", "cold/a.csv", "a.csv", "../a.csv", "landing/../../a.csv", "/tmp/a.csv", "landing//a.csv"):
            self.lake("put", good, "--to", to, code=2)
        self.assertFalse((self.p.folder / "a.csv").exists())
        self.assertEqual(self.p.landed(), [])
        self.assertIn("no source of millrace.yaml takes it", self.lake("put", good, "--to", "elsewhere/good.csv").err)

    def test_a_missing_file_or_project_or_key_is_said(self):
        self.assertIn("nothing.csv", self.lake("put", self.temp / "nothing.csv", code=2).err)
        self.assertIn("no object of the lake is called", self.lake("cat", "landing/nothing", code=2).err)
        self.assertEqual(self.lake("stat", "landing/nothing", "--json", code=1).json["exists"], False)
        self.assertIn("millrace project", self.ok(
            type(self.p)(self.temp / "empty", fresh=False).run("lake", "ls"), 2).err)
        self.ok(self.p.run("lake", "nonsense"), 2)

    def test_a_reader_that_has_had_enough_is_no_error(self):
        self.p.drop("a.csv", orders(1, 200_000))
        process = subprocess.Popen([BINARY, "lake", "cat", "--project", self.p.folder, "landing/orders/a.csv"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(process.stdout.read(8), b"order_id")
        process.stdout.close()
        self.assertEqual((process.stderr.read(), process.wait(60)), (b"", -signal.SIGPIPE))
        process.stderr.close()

    def test_cat_unpacks_and_raw_does_not(self):
        text = orders(100, 50)
        packed = gzip.compress(text, mtime=0)
        self.lake("put", self.file("a.csv.gz", packed))
        self.assertEqual(self.cat("landing/orders/a.csv.gz"), text)
        self.assertEqual(self.cat("landing/orders/a.csv.gz", "--raw"), packed)
        self.p.edit("millrace.yaml", "sources:\n", "archive: {compress: zstd}\nsources:\n")
        self.lake("put", self.file("b.csv", orders(300, 50)))
        self.ok(self.p.run("load"))
        key = next(o["key"] for o in self.lake("ls", "processed/", "--json").json["objects"] if "b~" in o["key"])
        self.assertEqual(self.cat(key), orders(300, 50))
        self.assertEqual(self.cat(key, "--raw"), (self.p.lake / key).read_bytes())

    def test_ls_lists_by_prefix_and_escapes_what_a_terminal_would_obey(self):
        (self.p.landing / "a\x1b[31m\n.csv").write_bytes(b"x")
        (self.p.landing / "b.csv").write_bytes(b"yy")
        (self.p.landing / ".hidden").write_bytes(b"z")
        told = self.lake("ls", "landing/")
        self.assertEqual(told.out.splitlines(), ["landing/orders/a\\x1b[31m\\n.csv", "landing/orders/b.csv"])
        self.assertNotIn("\x1b", told.out + told.err)
        self.assertIn("hidden", told.err)
        self.assertEqual([o["key"] for o in self.lake("ls", "landing/orders/a", "--json").json["objects"]],
                         ["landing/orders/a\x1b[31m\n.csv"])
        self.assertRegex(self.lake("ls", "-l", "landing/orders/b").out, r"^ +2  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d  - +landing/orders/b.csv\n$")
        self.lake("ls", "nowhere/", code=1)
        self.assertEqual(self.cat("landing/orders/a\x1b[31m\n.csv"), b"x")

    def test_keys_never_leave_the_lake(self):
        for key in ("../millrace.yaml", "/etc/passwd", "landing/../../millrace.yaml"):
            self.assertIn("a folder cannot hold this key", self.lake("cat", key, code=2).err)
        self.assertIn("a folder cannot hold this key", self.lake("ls", "../", code=2).err)

    def test_stat_tells_bytes_ledger_and_provenance(self):
        self.p.edit("millrace.yaml", "sources:\n", "archive: {compress: zstd}\nsources:\n")
        data = orders(100, 30) + (row("x") + "\n").encode()
        self.lake("put", self.file("a.csv", data))
        before = self.lake("stat", "landing/orders/a.csv", "--json").json
        self.assertEqual((before["bytes"], before["sha256"], before["readable"], before["ledger"]), (len(data), sha256(data), True, []))
        self.ok(self.p.run("load"))
        key = self.p.ask("SELECT archive_key FROM millrace.ledger")[0][0]["archive_key"]
        stat = self.lake("stat", key, "--json").json
        self.assertEqual((stat["landed_sha256"], stat["landed_bytes"]), (sha256(data), len(data)))
        self.assertEqual(stat["sha256"], sha256((self.p.lake / key).read_bytes()))
        self.assertEqual(stat["provenance"], {"source": "orders", "landed_as": "landing/orders/a.csv", "file_id": 1, "sha256": sha256(data)})
        known, = stat["ledger"]
        self.assertEqual((known["state"], known["rows"], known["quarantined"], known["sha256"]), ("loaded", 30, 1, sha256(data)))
        gone = self.lake("stat", "landing/orders/a.csv")
        self.assertIn("not in the lake", gone.out)
        self.assertIn(f"kept in {key}", gone.out)

    def test_the_lake_can_be_looked_at_and_filled_while_up_runs(self):
        self.lake("put", self.file("a.csv", orders(100, 3)))
        with self.p.up() as up:
            up.wait_for("serving")
            self.assertEqual(len(self.lake("ls", "processed/", "--json").json["objects"]), 1)
            self.lake("put", self.file("b.csv", orders(200, 2)))
            up.wait_for("file", key="landing/orders/b.csv")
            key = self.lake("ls", "processed/", "--json").json["objects"][0]["key"]
            stat = self.lake("stat", key, "--json").json
            self.assertEqual(stat["sha256"], sha256(orders(100, 3)))
            self.assertIn("warehouse", stat["ledger_trouble"])
            self.stopped(up)

    def test_a_bar_is_drawn_on_a_terminal_only(self):
        big = self.file("big.csv", b"x" * (64 << 20))
        command = [BINARY, "lake", "put", "--project", str(self.p.folder), str(big), "--to", "elsewhere/big.csv"]
        talk, theirs = pty.openpty()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=environment())
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(talk, 65536)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            shown += piece
        os.close(talk)
        self.assertEqual(process.communicate(timeout=120)[0].split()[0], b"landed")
        self.assertIn(b"of 67.1 MB", shown)
        self.assertTrue(b"\r\x1b[K" in shown, "the bar is wiped at the end")
        silent = subprocess.run([*command, "--force"], capture_output=True, env=environment(), timeout=120, check=True)
        self.assertNotIn(b"\r", silent.stdout + silent.stderr)

    def test_json_is_one_document(self):
        self.lake("put", self.file("a.csv", orders(1, 1)), "--json")
        for words in (["ls"], ["ls", "-l", "landing/"], ["stat", "landing/orders/a.csv"], ["restore", "landing/orders/a.csv"], ["tidy"]):
            json.loads(self.lake(*words, "--json").out)
        error = self.lake("cat", "nothing/here", "--json", code=2).json
        self.assertEqual(error["errors"][0]["kind"], "not_found")


if __name__ == "__main__":
    main()
