#!/usr/bin/env python3
"""What is broken is set aside with file, line, reason and bytes; what is no order file is refused and kept. The rest loads."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import check  # noqa: E402
from millrace_process import HEADER, ProcessTest, csv, main, orders, row, sha256, wait_until  # noqa: E402

GOOD = orders(100, 5)
# line in the file: (record, code)
RECORDS = {2: (row(1).encode(), None),
           3: (row("x1").encode(), "bad_integer"),
           4: (row(2, order_date="2018-02-30 00:00:00.000").encode(), "bad_timestamp"),
           5: (b"3,services,too,few", "wrong_column_count"),
           6: (row(4).encode() + b",more", "wrong_column_count"),
           7: (row(5, website="").encode(), "missing_value"),
           8: (row(6, website="caf\xe9").encode("latin-1"), "bad_utf8"),
           9: (row(7, website="a\0b").encode(), "nul_byte"),
           10: (row(8, website='"never closed').encode(), "unbalanced_quote"),
           11: (row(9, website='"closed"early').encode(), "text_after_quote"),
           12: (HEADER.encode(), "repeated_header"),
           13: (row(1, customer_id=99).encode(), "duplicate_key"),
           14: (row(10, website='"two\nlines, one record"').encode(), None),
           16: (row(11, website='"quo""ted"', customer_id="2.5").encode(), "bad_integer"),
           17: (row("99999999999999999999").encode(), "bad_integer"),
           18: (b"", None),  # blank
           19: (row(12).encode(), None)}
MIXED = b"\r\n".join([HEADER.encode(), *[record for record, _ in RECORDS.values()]])  # no line end at the end
REFUSED = {"picture.csv": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not_csv"),
           "other header.csv": (b"id,name\n1,a\n", None),
           "semicolons.csv": (GOOD.replace(b",", b";"), "wrong_delimiter"),
           "packed.csv.gz": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03\x00\x00\x00", "broken_stream"),
           "packed.csv.bz2": (b"BZh91AY&SY", "unsupported_compression"),
           "missing.csv": (csv(["1,services"], header="order_id,source"), "missing_column"),
           "extra.csv": (csv([row(1) + ",5"], header=HEADER + ",surprise"), "extra_column"),
           "twice.csv": (csv([row(1) + ",5"], header=HEADER + ",source"), "duplicate_column")}
EMPTY = {"nothing.csv": b"", "header only.csv": csv([])}


class Refusals(ProcessTest):
    def setUp(self):
        super().setUp()
        self.p = self.project()

    def key(self, name):
        return f"landing/orders/{name}"

    def test_broken_records_are_set_aside_with_their_bytes(self):
        self.p.drop("mixed.csv", MIXED)
        file, = self.ok(self.p.run("load", "--json")).json["files"]
        bad = {line: (record, code) for line, (record, code) in RECORDS.items() if code}
        self.assertEqual([file[m] for m in ("state", "records", "rows_loaded", "rows_quarantined")],
                         ["loaded", 16, 16 - len(bad), len(bad)])
        self.assertEqual([r["order_id"] for r in self.p.ask("SELECT order_id FROM raw.orders ORDER BY 1")[0]], [1, 10, 12])

        rejects, = self.p.ask("SELECT l.key, l.archive_key, q.line, q.byte_offset, q.byte_length, q.code, q.reason, "
                              "hex(q.raw) AS raw FROM millrace.quarantine q JOIN millrace.ledger l USING (file_id) ORDER BY line")
        self.assertEqual({r["line"]: r["code"] for r in rejects}, {line: code for line, (_, code) in bad.items()})
        for r in rejects:
            with self.subTest(line=r["line"], code=r["code"]):
                self.assertEqual(r["key"], self.key("mixed.csv"))
                archived = (self.p.lake / r["archive_key"]).read_bytes()
                record = archived[r["byte_offset"]:r["byte_offset"] + r["byte_length"]]
                self.assertEqual(bytes.fromhex(r["raw"]), re.sub(rb"\r\n\Z", b"", record))
                self.assertEqual(bytes.fromhex(r["raw"]), bad[r["line"]][0])
                self.assertTrue(r["reason"].strip())
        self.assertEqual(check(self.p, {self.key("mixed.csv"): [MIXED]}), [], "records tile the file")

    def test_the_bytes_of_a_loaded_row_give_its_values_again(self):
        """I10, with a sample of every kind of defect that we know."""
        self.ok(self.p.run("sample", "--rows", "3000", "--files", "2", "--defects", "0.05"))
        files = {self.key(f.name): [f.read_bytes()] for f in self.p.landing.iterdir()}
        self.ok(self.p.run("load"))
        self.assertEqual(check(self.p, files), [])
        rows, = self.p.ask("SELECT r.order_id, r.customer_id, r.website, r._mr_offset AS first, r._mr_length AS length, "
                           "l.archive_key FROM raw.orders r JOIN millrace.ledger l ON l.file_id = r._mr_file_id")
        self.assertGreater(len(rows), 2500)
        archive = {key: (self.p.lake / key).read_bytes() for key in {r["archive_key"] for r in rows}}
        for r in rows:
            cells = archive[r["archive_key"]][r["first"]:r["first"] + r["length"]].decode().split(",")
            self.assertEqual([cells[0].strip('"'), cells[2].strip('"'), cells[6].strip('"')],
                             [str(r["order_id"]), str(r["customer_id"]), r["website"]])

    def test_files_that_are_no_order_files_are_refused_said_and_kept(self):
        deliveries = {**{n: data for n, (data, _) in REFUSED.items()}, **EMPTY, "good.csv": GOOD}
        for name, data in deliveries.items():
            self.p.drop(name, data)
        document = self.ok(self.p.run("load", "--json"), 1).json
        self.assertEqual(document["exit_code"], 1)
        files = {f["key"].removeprefix("landing/orders/"): f for f in document["files"]}
        self.assertEqual(set(files), set(deliveries), "each file is said")
        for name, (data, code) in REFUSED.items():
            with self.subTest(file=name):
                self.assertEqual(files[name]["state"], "quarantined", files[name])
                self.assertTrue(files[name]["reason"].strip())
                self.assertIn(files[name]["code"], {code} if code else {"bad_header", "missing_column", "extra_column"})
                self.assertTrue(files[name]["archive_key"].startswith("quarantine/"))
                self.assertEqual((self.p.lake / files[name]["archive_key"]).read_bytes(), data)
        for name, data in EMPTY.items():
            with self.subTest(file=name):
                self.assertEqual((files[name]["state"], files[name]["records"]), ("empty", 0))
                self.assertEqual((self.p.lake / files[name]["archive_key"]).read_bytes(), data)
        self.assertEqual((files["good.csv"]["state"], files["good.csv"]["rows_loaded"]), ("loaded", 5))
        self.assertEqual(self.p.landed(), [])
        self.assertEqual(check(self.p, {self.key(n): [data] for n, data in deliveries.items()}), [])
        self.assertEqual(self.ok(self.p.run("load", "--json")).json["files"], [], "a refused file is refused once")

    def test_refused_files_do_not_stop_what_is_served(self):
        with self.p.up() as up:
            up.served()
            for name, (data, _) in REFUSED.items():
                self.p.drop(name, data)
            self.p.drop("good.csv", GOOD)
            wait_until(lambda: up.served()[1] == 5, "the good file at the API", context=up.story)
            self.assertEqual(len(up.all("file", state="quarantined")), len(REFUSED))
            self.assertEqual(up.stop(), 1, "a refused file is an exit code")
            self.assertEqual(up.all("error"), [])
        self.assertEqual(sorted(sha256(d) for d in self.p.files_in("quarantine").values()),
                         sorted(sha256(d) for d, _ in REFUSED.values()))

    def test_names_that_are_no_deliveries_are_left_alone_and_said(self):
        for name in ("notes.txt", "orders.csv.tmp", "_SUCCESS"):
            (self.p.landing / name).write_bytes(b"x")
        document = self.ok(self.p.run("load", "--json")).json
        self.assertEqual({i["key"].removeprefix("landing/orders/") for i in document["ignored"]},
                         {"notes.txt", "orders.csv.tmp", "_SUCCESS"})
        self.assertTrue(all(i["reason"] for i in document["ignored"]))
        self.assertEqual(self.p.landed(), ["_SUCCESS", "notes.txt", "orders.csv.tmp"])

    def test_a_refused_name_comes_again_with_other_bytes(self):
        first, second = b"\x00\x01 one", b"\x00\x02 two"
        self.p.drop("x.csv", first)
        self.ok(self.p.run("load"), 1)
        self.p.drop("x.csv", second)
        self.ok(self.p.run("load"), 1)
        self.assertEqual(check(self.p, {self.key("x.csv"): [first, second]}), [])

    def test_a_name_that_a_lost_warehouse_had_refused_comes_again_with_other_bytes(self):
        """The lake keeps refused files; a new warehouse does not know their names."""
        first, second = b"\x00\x01 one", b"\x00\x02 two"
        self.p.drop("x.csv", first)
        self.ok(self.p.run("load"), 1)
        self.p.forget_warehouse()
        self.p.drop("x.csv", second)
        self.p.drop("y.csv", GOOD)
        self.ok(self.p.run("load", seconds=20), 1)
        self.assertEqual(self.p.landed(), [])
        self.assertEqual({first, second}, set(self.p.files_in("quarantine").values()))


if __name__ == "__main__":
    main()
