#!/usr/bin/env python3
"""Rows that were set aside: listed, shown, exported, replayed after a fix, exactly once, or given up."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import check, contents  # noqa: E402
from millrace_process import HEADER, ProcessTest, ask, csv, main, orders, row  # noqa: E402

STATES = "SELECT state, records, rows_loaded, rows_quarantined, replays FROM millrace.ledger ORDER BY file_id"


class Quarantine(ProcessTest):
    def setUp(self):
        super().setUp()
        self.p = self.project()
        self.delivered = {}

    def deliver(self, name, data, code=0):
        self.p.drop(name, data)
        self.delivered.setdefault(f"landing/orders/{name}", []).append(data)
        return self.ok(self.p.run("load", "--json"), code).json["files"]

    def sound(self, **more):
        self.assertEqual(check(self.p, self.delivered, **more), [])

    def q(self, *words, code=0, **more):
        return self.ok(self.p.run("quarantine", *words, **more), code)

    def correct_the_contract(self):
        """website need not be there from now on."""
        self.p.edit("contracts/orders.yaml", "      - name: website\n        logicalType: string\n        required: true\n",
                    "      - name: website\n        logicalType: string\n")

    def three(self):
        """Two rows without website, one with a bad date, one good."""
        self.deliver("a.csv", csv([row(100), row(101, website=""), row(102, order_date="2018-02-30 00:00:00.000"),
                                   row(103, website="")]))

    def test_list_counts_show_and_export(self):
        self.three()
        self.deliver("b.csv", csv([row("x\x1b[31m"), row(100)]))
        lines = self.q("list").out.splitlines()
        self.assertEqual(len(lines), 5)
        self.assertEqual(lines[0], "landing/orders/a.csv:3  missing_value  website: found nothing, expected a value")
        self.assertNotIn("\x1b", "".join(lines), "data cannot colour a terminal")
        self.assertEqual(self.q("list", "--summary", "--file", "a.csv").out.split(),
                         ["2", "missing_value", "landing/orders/a.csv", "1", "bad_timestamp", "landing/orders/a.csv"])
        by = lambda *words: [(r["file"].rsplit("/", 1)[1], r["line"]) for r in self.q("list", "--json", *words).json]
        self.assertEqual(by("--code", "MR0117"), by("--code", "duplicate_key"))
        self.assertEqual(by("--code", "duplicate_key"), [("b.csv", 3)])
        self.assertEqual(by("--column", "order_date"), [("a.csv", 4)])
        self.assertEqual(by("--line", "3", "--file", "1"), [("a.csv", 3)])
        self.assertEqual(by("--source", "nobody"), [])
        self.assertIn("is no code of millrace", self.q("list", "--code", "MR9999", code=2).err)
        shown = self.q("show", "a.csv:4").out.splitlines()
        self.assertEqual(shown[1][2:], row(102, order_date="2018-02-30 00:00:00.000"))
        self.assertEqual(shown[1][shown[2].index("^"):shown[2].rindex("^") + 1], "2018-02-30 00:00:00.000")
        self.assertIn('order_date: found "2018-02-30 00:00:00.000"', shown[3])
        self.assertIn("millrace quarantine replay --file landing/orders/a.csv --line 4", shown[-1])
        self.q("show", "a.csv:2", code=1)
        self.q("show", "a.csv", code=2)
        exported = self.q("export", "--file", "a.csv").out.splitlines()
        self.assertEqual(exported[0], "file,line,code,column,reason,raw")
        self.assertEqual(len(exported), 4)
        target = self.temp / "out.ndjson"
        self.q("export", "--format", "ndjson", "--out", target)
        self.assertEqual([json.loads(line)["line"] for line in target.read_text().splitlines()], [3, 4, 5, 2, 3])

    def test_replay_moves_exactly_the_rows_that_pass_once(self):
        self.three()
        self.ok(self.p.run("build"))
        self.assertIn("nothing has changed", self.q("replay").out)
        self.assertEqual(len(self.p.ask(STATES)[0]), 1, "a replay without effect writes nothing")
        self.correct_the_contract()
        told = self.q("replay").out
        self.assertIn("2 of 3 rows loaded, 1 still broken (bad_timestamp 1)", told)
        self.sound()
        self.assertEqual([tuple(r.values()) for r in self.p.ask(STATES)[0]],
                         [("loaded", 4, 3, 1, None), ("replay", 3, 2, 1, 1)])
        rows, = self.p.ask("SELECT order_id, website, _mr_file_id, _mr_line FROM raw.orders ORDER BY order_id")
        self.assertEqual([tuple(r.values()) for r in rows], [(100, "VVNL", 1, 2), (101, None, 1, 3), (103, None, 1, 5)])
        self.assertIn("nothing has changed", self.q("replay").out)
        self.assertEqual(len(self.p.ask(STATES)[0]), 2)
        build = self.ok(self.p.run("build", "--json")).json["build"]
        self.assertEqual((build["published"], build["generation"]), (True, 2))
        self.assertEqual(self.p.ask("SELECT count(*) AS n FROM gold.v_orders")[0], [{"n": 3}])
        before = contents(self.p.warehouse, "gold", "raw")
        self.p.forget_warehouse()
        self.ok(self.p.run("load"))
        self.ok(self.p.run("build"))
        self.assertEqual(contents(self.p.warehouse, "gold", "raw"), before, "loading again checks against the same contract")

    def test_filters_choose_what_is_replayed(self):
        self.three()
        self.correct_the_contract()
        self.assertIn("1 of 1 row loaded", self.q("replay", "--line", "3").out)
        self.assertEqual([r["line"] for r in self.q("list", "--json").json], [4, 5])
        self.sound()

    def test_a_key_is_loaded_once_whatever_is_replayed(self):
        self.deliver("a.csv", csv([row(100, website=""), row(100, website="", customer_id=8)]))
        self.deliver("b.csv", csv([row(100, website="VVFR")]))
        self.correct_the_contract()
        self.assertIn("0 of 2 rows loaded, 2 still broken (duplicate_key 2)", self.q("replay").out)
        reasons, = self.p.ask("SELECT reason FROM millrace.quarantine ORDER BY line")
        self.assertEqual(reasons[0]["reason"],
                         "order_id: the same value is loaded from landing/orders/b.csv, line 2, already")
        self.sound()

    def test_with_newest_a_replayed_row_is_as_old_as_its_file(self):
        self.p.edit("millrace.yaml", "    on_reject: quarantine", "    on_duplicate_key: newest\n    on_reject: quarantine")
        self.deliver("a.csv", csv([row(100, website="")]))
        self.deliver("b.csv", csv([row(100, website="VVFR")]))
        self.correct_the_contract()
        self.assertIn("1 of 1 row loaded", self.q("replay").out)
        self.sound()
        rows, aside = self.p.ask("SELECT website FROM raw.orders", "SELECT website FROM millrace.superseded_orders")
        self.assertEqual((rows, aside), ([{"website": "VVFR"}], [{"website": None}]))

    def test_rules_are_asked_again(self):
        self.p.edit("contracts/orders.yaml", "    properties:\n",
                    "    quality:\n      - {name: paid_later, type: custom, engine: millrace, "
                    "implementation: payment_date >= order_date}\n    properties:\n", )
        self.deliver("a.csv", csv([row(100), row(101, payment_date="2018-07-11 00:00:00.000")]))
        self.assertEqual([r["code"] for r in self.q("list", "--json").json], ["broken_rule"])
        self.sound()
        self.assertIn("nothing has changed", self.q("replay").out)
        self.p.edit("contracts/orders.yaml", "payment_date >= order_date", "payment_date >= order_date - INTERVAL 2 DAY")
        self.assertIn("1 of 1 row loaded", self.q("replay").out)
        self.sound()

    def test_a_crash_at_any_point_of_a_replay_is_all_or_nothing(self):
        self.three()
        self.correct_the_contract()
        log = self.temp / "points"
        rehearsal = self.p.copy_to(self.temp / "rehearsal")
        self.ok(rehearsal.run("quarantine", "replay", env={"MILLRACE_FAILPOINT_LOG": str(log)}))
        points = log.read_text().split()
        self.assertIn("ingest.replay.before", points)
        want = contents(rehearsal.warehouse, "raw", "quarantine", "ledger")
        for name in sorted(set(points)):
            for k in {1, points.count(name)} | ({points.count(name) // 2} if points.count(name) > 3 else set()):
                for action, codes in (("kill", (-9,)), ("error", (0, 2))):
                    p = self.p.copy_to(self.temp / f"{name}-{k}-{action}")
                    done = p.run("quarantine", "replay", env={"MILLRACE_FAILPOINTS": f"{name}={action}@{k}"})
                    self.assertIn(done.code, codes, f"{name}@{k}\n{done}")
                    self.assertEqual(check(p, self.delivered, settled=False), [], f"{name}={action}@{k}")
                    self.ok(p.run("quarantine", "replay"))
                    self.assertEqual(check(p, self.delivered), [], f"{name}={action}@{k}")
                    self.assertEqual(contents(p.warehouse, "raw", "quarantine", "ledger"), want, f"{name}={action}@{k}")

    def test_lines_of_json_are_replayed_and_traced(self):
        self.p.edit("millrace.yaml", "files: landing/orders/*.csv*", "files: landing/orders/*.ndjson\n    format: ndjson")
        good = {name: value for name, value in zip(HEADER.split(","), row(0).split(",")) if value != ""}
        for name in ("order_id", "customer_id", "payment_id"):
            good[name] = int(good[name])
        lines = [json.dumps({**good, "order_id": i, "website": site}) for i, site in ((100, "VVNL"), (101, None), (102, "VVBE"))]
        self.p.drop("a.ndjson", ("\n".join([*lines, '{"order_id": 103']) + "\n").encode())
        self.ok(self.p.run("load"))
        self.assertEqual([(r["line"], r["code"]) for r in self.q("list", "--json").json], [(2, "missing_value"), (4, "bad_json")])
        shown = self.q("show", "a.ndjson:2").out.splitlines()
        self.assertEqual(shown[1][shown[2].index("^"):shown[2].rindex("^") + 1], '"website"')
        self.correct_the_contract()
        self.assertIn("1 of 2 rows loaded, 1 still broken (bad_json 1)", self.q("replay").out)
        self.assertIn("nothing has changed", self.q("replay").out)
        traced, = self.ok(self.p.run("trace", "orders", "101", "--json")).json["rows"]
        self.assertEqual((traced["line"], traced["raw"]), (2, lines[1]))

    def test_parquet_is_replayed_and_traced(self):
        self.p.edit("millrace.yaml", "files: landing/orders/*.csv*", "files: landing/orders/*.parquet\n    format: parquet")
        source, made = self.temp / "made.csv", self.temp / "made.parquet"
        source.write_bytes(csv([row(100), row(101, website=""), row("x")]))
        ask(":memory:", f"COPY (SELECT * REPLACE (order_date::TIMESTAMP AS order_date) FROM read_csv('{source}', "
                        f"all_varchar=true)) TO '{made}' (FORMAT parquet)")
        self.p.drop("a.parquet", made.read_bytes())
        self.ok(self.p.run("load"))
        self.assertEqual([r["code"] for r in self.q("list", "--json").json], ["missing_value", "bad_integer"])
        self.correct_the_contract()
        self.assertIn("1 of 2 rows loaded, 1 still broken (bad_integer 1)", self.q("replay").out)
        traced, = self.ok(self.p.run("trace", "orders", "101", "--json")).json["rows"]
        self.assertTrue(traced["raw"].startswith('"101",'), traced)
        self.assertEqual(self.p.ask("SELECT order_date::VARCHAR AS d FROM raw.orders WHERE order_id = 101")[0],
                         [{"d": "2018-07-12 17:33:04"}])

    def test_discarded_rows_stay_counted_and_come_back_only_when_asked_for(self):
        self.three()
        self.assertIn("2 rows would be discarded", self.q("discard", "--code", "missing_value", code=2).err)
        self.q("discard", "--code", "missing_value", "--yes")
        self.sound()
        self.assertEqual([r["line"] for r in self.q("list", "--json").json], [4])
        self.assertEqual([r["line"] for r in self.q("list", "--json", "--discarded").json], [3, 5])
        self.correct_the_contract()
        self.q("replay")
        self.assertEqual(self.p.ask("SELECT count(*) AS n FROM raw.orders")[0], [{"n": 1}])
        self.assertIn("2 of 2 rows loaded", self.q("replay", "--discarded").out)
        self.sound()

    def test_a_contract_that_does_not_fit_the_file_any_more_is_told(self):
        self.three()
        with open(self.p.folder / "contracts/orders.yaml", "a", encoding="utf-8") as f:
            f.write("      - name: colour\n        logicalType: string\n")
        self.assertIn('3 rows not read, missing_column: the header has no column "colour"', self.q("replay", code=1).out)
        self.sound()


if __name__ == "__main__":
    main()
