#!/usr/bin/env python3
"""The command line: exit codes, what goes to stdout and what to stderr, JSON, and messages that say what to do."""
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_process import BINARY, ProcessTest, csv, environment, main, millrace, orders, row, wait_until  # noqa: E402


class CommandLine(ProcessTest):
    def refused(self, done, *words):
        """Exit code 2, nothing on stdout, and a message with these words on stderr."""
        self.ok(done, 2)
        self.assertEqual(done.out, "", "stdout is for results")
        for word in words:
            self.assertIn(word, done.err)
        self.assertNotIn("terminate called", done.err)
        return done

    def test_version(self):
        done = self.ok(millrace("--version"))
        self.assertRegex(done.out, r"\Amillrace \d+\.\d+\.\d+\n")
        self.assertRegex(done.out, r"DuckDB v1\.5\.")
        self.assertEqual(done.err, "")

    def test_help_names_the_commands(self):
        done = self.ok(millrace("--help"))
        for command in ("init", "sample", "load", "build", "test", "doctor", "serve", "up"):
            self.assertRegex(done.out, rf"(?m)^\s+{command}\s")
            self.assertIn("--project", self.ok(millrace(command, "--help")).out if command != "init" else "--project")

    def test_an_unknown_command_is_named(self):
        self.refused(millrace("laod"), "laod")

    def test_usage_errors(self):
        self.refused(millrace())
        self.refused(millrace("load", "--no-such-option"), "no-such-option")
        self.refused(millrace("--log-level", "loud", "load"), "loud")

    def test_a_missing_project(self):
        for command in ("load", "build", "test", "serve", "up"):
            self.refused(millrace(command, "--project", self.temp / "nowhere"), "nowhere", "try: ")
        document = self.ok(millrace("load", "--json", "--project", self.temp / "nowhere"), 2).json
        self.assertEqual(document["exit_code"], 2)
        self.assertIn("nowhere", document["errors"][0]["message"])

    def test_an_unknown_key_names_the_nearest_known_one(self):
        p = self.project()
        p.edit("millrace.yaml", "on_reject: quarantine", "on_rejct: quarantine")
        self.refused(p.run("load"), "on_rejct", "on_reject", "millrace.yaml:")

    def test_yaml_that_is_none(self):
        p = self.project()
        (p.folder / "millrace.yaml").write_text("name: [\n")
        self.refused(p.run("load"), "millrace.yaml")

    def test_a_contract_that_is_missing(self):
        p = self.project()
        (p.folder / "contracts/orders.yaml").unlink()
        self.refused(p.run("load"), "contracts/orders.yaml")

    def test_a_model_that_does_not_run(self):
        p = self.project()
        p.edit("models/gold/v_orders.sql", "website,", "no_such_column,")
        self.ok(p.run("load"))
        done = p.run("build")
        self.ok(done, 1)
        self.assertIn("models/gold/v_orders.sql", done.out)
        self.assertIn("no_such_column", done.out)
        self.assertIn("try: the compiled SQL lies in target/compiled/", done.out)
        self.assertEqual(p.ask("SELECT count(*) AS n FROM millrace.generations")[0][0]["n"], 0)

    def test_a_warehouse_that_is_none(self):
        p = self.project()
        p.warehouse.write_bytes(b"no database" * 1000)
        self.refused(p.run("load"), "warehouse.duckdb")
        self.assertEqual(p.warehouse.read_bytes(), b"no database" * 1000)

    def test_init_writes_into_an_empty_folder_only(self):
        p = self.project()
        before = {f: f.read_bytes() for f in p.folder.rglob("*") if f.is_file()}
        self.refused(millrace("init", p.folder), "there already", "try: ")
        self.assertEqual({f: f.read_bytes() for f in p.folder.rglob("*") if f.is_file()}, before)
        other = self.temp / "other"
        (other / "models/silver").mkdir(parents=True)
        (other / "models/silver/orders.sql").write_text("mine")
        self.refused(millrace("init", other), "there already")
        self.assertEqual([f.relative_to(other).as_posix() for f in other.rglob("*") if f.is_file()],
                         ["models/silver/orders.sql"], "nothing was written")

    def test_init_here(self):
        folder = self.temp / "here"
        folder.mkdir()
        self.ok(millrace("init", cwd=folder))
        self.ok(millrace("load", cwd=folder))

    def test_results_go_to_stdout_and_talk_to_stderr(self):
        p = self.project()
        done = self.ok(p.run("load"))
        self.assertEqual(done.out, "")
        self.assertIn("nothing new", done.err)
        p.drop("a.csv", csv([row(1), row("x"), row(2)]))
        done = self.ok(p.run("load"))
        self.assertIn("landing/orders/a.csv  2 rows, 1 quarantined (bad_integer 1)", done.out)
        self.assertIn("line 3, bad_integer: order_id", done.out)
        self.assertEqual(done.err, "")
        done = self.ok(p.run("build"))
        self.assertIn("Done. PASS=13 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=13", done.out)
        self.assertEqual(done.err, "")

    def test_json_documents(self):
        p = self.project()
        p.edit("millrace.yaml", "127.0.0.1:8080", "127.0.0.1:0")  # 8080 may be somebody's
        p.drop("a.csv", orders(1, 3))
        p.drop("b.csv", b"\0\1\2")
        load = self.ok(p.run("load", "--json"), 1)
        build = self.ok(p.run("build", "--json"))
        test = self.ok(p.run("test", "--json"))
        for done in (load, build, test):
            self.assertEqual(done.out.count("\n"), 1, "one document on one line")
            self.assertEqual(set(done.json), {"sensed", "files", "ignored", "held", "skipped", "build", "errors", "exit_code"})
            self.assertEqual((done.json["exit_code"], done.err), (done.code, ""))
        self.assertEqual([f["state"] for f in load.json["files"]], ["loaded", "quarantined"])
        sample = self.ok(p.run("sample", "--rows", "100", "--json")).json
        self.assertEqual(sample["rows"], 100)
        doctor = self.ok(p.run("doctor", "--json")).json
        self.assertTrue(doctor["ok"])

    def test_doctor(self):
        p = self.project()
        p.edit("millrace.yaml", "127.0.0.1:8080", "127.0.0.1:0")  # 8080 may be somebody's
        done = self.ok(p.run("doctor"))
        self.assertIn("all is well", done.out)
        self.ok(p.run("load"))
        self.ok(p.run("doctor"))

        p.edit("millrace.yaml", "gold.v_orders", "gold.no_orders")
        done = self.ok(p.run("doctor"), 1)
        self.assertRegex(done.out, r"(?m)^WRONG models .*gold\.no_orders")
        p.edit("millrace.yaml", "gold.no_orders", "gold.v_orders")
        p.edit("contracts/orders.yaml", "logicalType: integer", "logicalType: intger")
        checks = {c["check"]: c for c in self.ok(p.run("doctor", "--json"), 1).json["checks"]}
        self.assertFalse(checks["contracts"]["ok"])
        self.assertIn("intger", checks["contracts"]["found"])
        self.assertTrue(checks["project"]["ok"])
        done = self.ok(millrace("doctor", "--project", self.temp / "nowhere"), 1)
        self.assertRegex(done.out, r"(?m)^WRONG project ")

    def test_two_processes_on_one_project(self):
        p = self.project()
        with p.up() as up:
            up.served()
            for command in ("load", "build", "test", "up"):
                done = self.refused(p.run(command), "warehouse.duckdb is open in another process", "a running `millrace up`")
                self.assertIn(str(up.process.pid), done.err, "it is named")
            document = self.ok(p.run("load", "--json"), 2).json
            self.assertEqual(document["errors"][0]["kind"], "conflict")
            p.drop("a.csv", orders(1, 3))
            wait_until(lambda: up.served()[1] == 3, "the first process to go on", context=up.story)
            self.stopped(up)
        self.ok(p.run("load"))

    def test_serve_without_a_generation_and_with_one(self):
        p = self.project()
        self.refused(p.run("serve", "--listen", "127.0.0.1:0"), "nothing is published yet", "millrace build")
        p.drop("a.csv", orders(1, 3))
        self.ok(p.run("load"))
        self.ok(p.run("build"))
        with p.serve() as serve:
            self.assertEqual(serve.served(), (1, 3))
            self.assertEqual(serve.get("/healthz")[0], 200)
            self.stopped(serve)

    def test_an_address_that_is_in_use(self):
        p, other = self.project(), self.project("other")
        with p.up() as up:
            address = up.address
            self.refused(other.run("up", "--listen", address, seconds=20), address)

    def test_terminate_ends_up_as_ctrl_c_does(self):
        with self.project().up() as up:
            up.served()
            up.process.terminate()
            self.assertEqual(up.wait_for_end(), 0, up.story())

    def test_a_reader_of_stdout_that_goes_away(self):
        p = self.project()
        for i in range(5):
            p.drop(f"{i}.csv", csv([row(i * 100 + n) for n in range(50)] + [row(f"{n}x") for n in range(50)]))
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run([BINARY, "load", "--project", str(p.folder)], stdout=write, stderr=subprocess.PIPE,
                              env=environment(), timeout=60, check=False)
        os.close(write)
        self.assertGreaterEqual(done.returncode, 0, "no signal")
        self.assertEqual(p.ask("SELECT count(*) AS n FROM millrace.ledger WHERE archived_at IS NOT NULL")[0][0]["n"], 5)

    def test_log_as_json_lines(self):
        p = self.project()
        p.drop("a.csv", orders(1, 3))
        done = self.ok(millrace("--log-level", "debug", "--log-format", "json", "load", "--project", p.folder, "--json"))
        lines = [json.loads(line) for line in done.err.splitlines()]
        self.assertTrue(lines)
        self.assertTrue(all("@timestamp" in line for line in lines), lines[0])


if __name__ == "__main__":
    main()
