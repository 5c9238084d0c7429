#!/usr/bin/env python3
"""The checker of millrace_invariants.py can fail: each promise is broken by hand, and must be found broken."""
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import CONTENT, Rebuilds, check, check_all, contents  # noqa: E402
from millrace_process import ProcessTest, Project, csv, main, orders, row, sha256  # noqa: E402

GOOD = orders(100, 10)
BROKEN = csv([row(200), row("2x1"), row(202, order_date="2042-10-17 14:29:05.000")]) + b"\n\n"
CORRECTED = orders(100, 9)


class Checker(ProcessTest):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="millrace-test-")
        cls.addClassCleanup(folder.cleanup)
        p = cls.sound = Project(pathlib.Path(folder.name) / "sound")
        for files in ({"a.csv": GOOD, "b.csv": BROKEN}, {"a.csv": CORRECTED, "c.csv": BROKEN, "d.csv": b"no header\n"}):
            for name, data in files.items():
                p.drop(name, data)
            p.run("load")
        p.run("build")

    def setUp(self):
        super().setUp()
        self.p = self.sound.copy_to(self.temp / "orders")
        self.delivered = {"landing/orders/a.csv": [GOOD, CORRECTED], "landing/orders/b.csv": [BROKEN],
                          "landing/orders/c.csv": [BROKEN], "landing/orders/d.csv": [b"no header\n"]}
        self.assertEqual(check(self.p, self.delivered), [], "a sound state is found sound")

    def found(self, promise, *statements, settled=True):
        """After the statements the checker finds this promise broken."""
        if statements:
            self.p.ask(*statements)
        broken = check(self.p, self.delivered, settled)
        self.assertTrue([b for b in broken if b.startswith(promise)], f"expected {promise} to be found broken, got {broken}")

    def archived(self, name):
        return next((self.p.lake / "processed").rglob(name.replace(".", "~*.", 1)))

    def test_a_row_that_stands_twice(self):
        self.found("I1", "INSERT INTO raw.orders SELECT * FROM raw.orders LIMIT 1")

    def test_a_row_that_is_missing(self):
        self.found("I1", "DELETE FROM raw.orders WHERE order_id = 103")

    def test_a_row_whose_place_was_taken_by_another(self):
        self.found("I1", "DELETE FROM raw.orders WHERE order_id = 103",
                   "INSERT INTO raw.orders SELECT * FROM raw.orders WHERE order_id = 104")

    def test_a_file_that_is_loaded_twice(self):
        self.found("I1", "INSERT INTO millrace.ledger SELECT * REPLACE (99 AS file_id) FROM millrace.ledger WHERE state = 'loaded'")

    def test_an_older_version_whose_rows_stayed(self):
        self.found("I1", "INSERT INTO raw.orders SELECT * REPLACE (1 AS _mr_file_id) FROM raw.orders WHERE order_id = 103")

    def test_a_file_that_nobody_knows(self):
        self.delivered["landing/orders/z.csv"] = [GOOD + b"9,9\n"]
        self.found("I1")

    def test_records_that_do_not_add_up(self):
        self.found("I2", "UPDATE millrace.ledger SET records = records + 1 WHERE state = 'loaded'")

    def test_a_reject_that_is_lost(self):
        self.found("I2", "DELETE FROM millrace.quarantine WHERE file_id = 2")

    def test_a_byte_range_that_overlaps_the_next(self):
        self.found("I2", "UPDATE raw.orders SET _mr_length = _mr_length + 1 WHERE order_id = 103")

    def test_a_byte_range_that_is_too_short(self):
        self.found("I2", "UPDATE raw.orders SET _mr_length = _mr_length - 3 WHERE order_id = 103")

    def test_a_wrong_line_number(self):
        self.found("I2", "UPDATE raw.orders SET _mr_line = 77 WHERE order_id = 103")

    def test_raw_bytes_that_are_not_those_of_the_file(self):
        self.found("I2", "UPDATE millrace.quarantine SET raw = 'something else'")

    def test_a_value_that_is_not_what_the_file_says(self):
        self.found("I10", "UPDATE raw.orders SET website = 'other' WHERE order_id = 103")

    def test_a_time_that_is_not_what_the_file_says(self):
        self.found("I10", "UPDATE raw.orders SET payment_date = payment_date + INTERVAL 1 MILLISECOND WHERE order_id = 103")

    def test_a_row_that_names_the_bytes_of_another(self):
        self.found("I10", "UPDATE raw.orders SET _mr_offset = (SELECT _mr_offset FROM raw.orders WHERE order_id = 104) "
                          "WHERE order_id = 103")

    def test_gold_that_processed_does_not_give(self):
        self.ok(self.p.run("build"))
        rebuilds = Rebuilds(self.temp)
        self.assertEqual(list(rebuilds.check(self.p, contents(self.p.warehouse))), [])
        self.p.ask("UPDATE silver.orders SET website = 'x' WHERE order_id = 103")
        broken = list(rebuilds.check(self.p, contents(self.p.warehouse)))
        self.assertTrue(broken and all(b.startswith("I9") for b in broken), broken)
        self.assertEqual(len(rebuilds.known), 1, "one lake is rebuilt once")

    def test_blank_lines_that_nobody_counted(self):
        self.found("I2", "UPDATE millrace.ledger SET blank_lines = 0 WHERE file_id = 2")

    def test_rows_without_a_ledger_row(self):
        self.found("I3", "DELETE FROM millrace.ledger WHERE file_id = 2")

    def test_rejects_without_a_ledger_row(self):
        self.found("I3", "UPDATE millrace.quarantine SET file_id = 50")

    def test_flags_that_are_lost(self):
        self.found("I3", "DELETE FROM millrace.flags")

    def test_a_fence_that_did_not_move(self):
        self.found("I3", "UPDATE millrace.fence SET n = n - 1")

    def test_a_generation_that_stands_twice(self):
        self.found("I3", "INSERT INTO millrace.generations SELECT * FROM millrace.generations")

    def test_an_archived_file_that_is_deleted(self):
        self.archived("b.csv").unlink()
        self.found("I4")

    def test_an_archived_file_that_is_deleted_while_its_bytes_stand_elsewhere(self):
        file = self.archived("b.csv")
        file.rename(file.with_name("b~000099.csv"))
        self.found("I5")

    def test_an_archived_file_whose_bytes_have_changed(self):
        self.archived("b.csv").write_bytes(BROKEN[:-1])
        self.found("I5")

    def test_an_archived_file_that_nobody_knows(self):
        shutil.copy2(self.archived("b.csv"), self.archived("b.csv").with_name("x.csv"))
        self.found("I5")

    def test_a_move_that_was_never_finished(self):
        self.found("I5", "UPDATE millrace.ledger SET archived_at = NULL WHERE file_id = 1")

    def test_a_file_that_was_left_behind(self):
        self.p.drop("b.csv", BROKEN)
        self.found("landing")
        self.assertEqual(check(self.p, self.delivered, settled=False), [], "while a process runs this is no fault")

    def test_a_temporary_file_that_was_left_behind(self):
        (self.archived("b.csv").parent / ".b.csv.millrace-new").write_bytes(b"half")
        self.found("lake")

    def test_looking_after_a_kill_changes_nothing(self):
        before = {f.name: f.read_bytes() for f in self.p.folder.glob("warehouse.duckdb*")}
        self.assertEqual(check(self.p, self.delivered, settled=False), [])
        self.assertEqual({f.name: f.read_bytes() for f in self.p.folder.glob("warehouse.duckdb*")}, before)
        self.found("I1", "DELETE FROM raw.orders WHERE order_id = 103", settled=False)

    def test_an_empty_project_is_sound(self):
        empty = self.project("empty")
        self.assertEqual(check(empty, {}), [])
        self.assertEqual(check(empty, {"landing/orders/a.csv": [GOOD]}, settled=False),
                         [f"I4: the bytes {sha256(GOOD)[:8]} of landing/orders/a.csv are "
                          "nowhere in the lake"])

    def test_each_change_of_contents_changes_its_digest(self):
        changes = {"gold": "UPDATE silver.orders SET website = 'x' WHERE order_id = 103",
                   "silver": "UPDATE silver.orders SET website = 'y' WHERE order_id = 103",
                   "raw": "UPDATE raw.orders SET website = 'x' WHERE order_id = 103",
                   "quarantine": "UPDATE millrace.quarantine SET reason = 'x'",
                   "flags": "UPDATE millrace.flags SET code = 'x'",
                   "warnings": "UPDATE millrace.warnings SET n = n + 1",
                   "ledger": "UPDATE millrace.ledger SET state = 'empty' WHERE state = 'duplicate'"}
        self.assertEqual(set(changes), set(CONTENT))
        for name, change in changes.items():
            before = contents(self.p.warehouse, name)[name]
            self.p.ask(change)
            after = contents(self.p.warehouse, name)[name]
            self.assertEqual(after[0], before[0])
            self.assertNotEqual(after[1], before[1], name)
        self.assertEqual(check_all(self.p, self.delivered)[1], contents(self.p.warehouse))


if __name__ == "__main__":
    main()
