#!/usr/bin/env python3
"""How files are waited for: sets, checks, timeouts, and what is said of it."""
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_process import ProcessTest, main, orders, wait_until  # noqa: E402


class Sensing(ProcessTest):
    def project_with(self, sensor):
        project = self.project()
        project.edit("millrace.yaml", "    table: raw.orders\n", f"    table: raw.orders\n    sensor: {sensor}\n")
        return project

    def test_a_set_is_loaded_when_all_of_it_is_there_and_is_named(self):
        project = self.project_with('{complete: ["{day}_east.csv", "{day}_west.csv"]}')
        project.drop("1_east.csv", orders(100, 2))
        first = self.ok(project.run("load", "--json")).json
        self.assertEqual(first["files"], [])
        self.assertEqual(first["held"], [{"source": "orders", "what": "day=1", "reason": "waits for {day}_west.csv"}])
        project.drop("1_west.csv", orders(200, 2))
        second = self.ok(project.run("load", "--json")).json
        self.assertEqual([f["set"] for f in second["files"]], ["day=1", "day=1"])
        self.assertEqual([[o["key"] for o in s["objects"]] for s in second["sensed"]],
                         [["landing/orders/1_east.csv", "landing/orders/1_west.csv"]])

    def test_waiting_ends_with_the_file(self):
        project = self.project_with("{timeout: 10m}")
        timer = threading.Timer(1.0, lambda: project.drop("a.csv", orders(100, 2)))
        timer.start()
        done = self.ok(project.run("load", "--wait", "--json", seconds=600)).json
        timer.join()
        self.assertEqual([f["rows_loaded"] for f in done["files"]], [2])

    def test_waiting_ends_with_exit_code_1_after_the_timeout(self):
        done = self.project_with("{timeout: 500ms}").run("load", "--wait", "--json")
        self.assertEqual(done.code, 1, str(done))
        self.assertEqual(done.json["errors"][0]["kind"], "deadline_exceeded")
        self.assertIn("no file has come for 0.50 s", done.json["errors"][0]["message"])

    def test_with_soft_fail_it_is_told_and_skipped(self):
        done = self.ok(self.project_with("{timeout: 500ms, soft_fail: true}").run("load", "--wait", "--json"))
        self.assertEqual(done.json["errors"], [])
        self.assertIn("no file has come for", done.json["skipped"][0]["message"])

    def test_up_tells_a_timeout_once_and_goes_on(self):
        project = self.project_with("{timeout: 300ms, poke_interval: 100ms}")
        with project.up() as up:
            up.wait_for("error", seconds=120)
            project.drop("a.csv", orders(100, 2))
            up.wait_for("file", seconds=120, key="landing/orders/a.csv")
            wait_until(lambda: len(up.all("error")) == 2, "a second one, after the file", 120)
            self.assertEqual(up.stop(), 0, up.story())

    def test_a_check_holds_one_file_back_and_no_other(self):
        project = self.project_with("{check: {min_size: 300}}")
        project.drop("small.csv", b"order_id\n")
        project.drop("good.csv", orders(100, 5))
        done = self.ok(project.run("load", "--json")).json
        self.assertEqual([f["key"] for f in done["files"]], ["landing/orders/good.csv"])
        self.assertEqual([h["what"] for h in done["held"]], ["landing/orders/small.csv"])
        self.assertEqual(project.landed(), ["small.csv"])


if __name__ == "__main__":
    main()
