#!/usr/bin/env python3
"""Contracts: proposed from data, tried on files without loading them, compared by what they would do to the files of the
last days."""
import base64
import gzip
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import check  # noqa: E402
from millrace_process import (REAL_ORDERS, ProcessTest, csv, main, millrace, orders, row,  # noqa: E402
                              sha256)

CONTRACT = "contracts/orders.yaml"
# b"\xef\xbb\xbfid;n\n1;5\n2;6\n", packed by zstd with its checksum; Python's library has no zstd.
ZSTD = base64.b64decode("KLUv/SQQgQAA77u/aWQ7bgoxOzUKMjs2Cr7akDU=")


class ContractTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.p = self.project()

    def file(self, name, data):
        path = self.p.folder / name
        path.write_bytes(data)
        return path

    def load_all(self):
        return self.ok(self.p.run("load", "--json")).json["files"]


EVERY_TYPE = """
apiVersion: v3.1.0
kind: DataContract
id: t
version: 1.0.0
status: active
schema:
  - name: t
    properties:
      - {name: tiny, logicalType: integer, logicalTypeOptions: {format: i8}}
      - {name: small, logicalType: integer, logicalTypeOptions: {format: i16}}
      - {name: medium, logicalType: integer, logicalTypeOptions: {format: i32}}
      - {name: wide, logicalType: number, physicalType: "decimal(38,10)"}
      - name: price
        logicalType: number
        physicalType: "decimal(9,2)"
        customProperties: [{property: decimalSeparator, value: ","}, {property: groupSeparator, value: "."}]
      - name: paid
        logicalType: boolean
        customProperties: [{property: trueValues, value: [sim]}, {property: falseValues, value: ["nao"]}]
      - {name: day, logicalType: date, logicalTypeOptions: {format: d/M/yyyy}}
      - {name: at, logicalType: timestamp, logicalTypeOptions: {timezone: true, defaultTimezone: Europe/Lisbon}}
      - {name: epoch, logicalType: timestamp, customProperties: [{property: unit, value: ms}]}
      - {name: note, logicalType: string, customProperties: [{property: nullValues, value: [NA]}]}
"""


class Types(ContractTest):
    def test_every_type_is_stored_as_declared_and_read_back(self):
        (self.p.folder / CONTRACT).write_text(EVERY_TYPE)
        self.p.drop("a.csv", b"tiny,small,medium,wide,price,paid,day,at,epoch,note\n"
                             b'-128,-32768,2147483647,-1234567890123456789012345678.0123456789,"1.234.567,89",sim,'
                             b"9/2/2016,2018-07-12 13:00:00,1531396800000,NA\n"
                             b'1,2,3,0.5,"-0,01",nao,29/2/2016,2018-07-12T15:00:00+03:00,0,\n')
        file, = self.load_all()
        self.assertEqual((file["rows_loaded"], file["rows_quarantined"]), (2, 0), file["examples"])
        rows, types = self.p.ask(
            "SELECT tiny, small, medium, wide::VARCHAR AS wide, price::VARCHAR AS price, paid, day::VARCHAR AS day, "
            'epoch_ms("at") AS instant, epoch::VARCHAR AS epoch, note FROM raw.orders ORDER BY tiny',
            "SELECT column_name AS c, data_type AS t FROM information_schema.columns WHERE table_name = 'orders' "
            "AND table_schema = 'raw' AND NOT starts_with(column_name, '_mr_') ORDER BY ordinal_position")
        self.assertEqual(rows, [
            {"tiny": -128, "small": -32768, "medium": 2147483647, "wide": "-1234567890123456789012345678.0123456789",
             "price": "1234567.89", "paid": True, "day": "2016-02-09", "instant": 1531396800000,
             "epoch": "2018-07-12 12:00:00", "note": None},
            {"tiny": 1, "small": 2, "medium": 3, "wide": "0.5000000000", "price": "-0.01", "paid": False,
             "day": "2016-02-29", "instant": 1531396800000, "epoch": "1970-01-01 00:00:00", "note": ""}])
        self.assertEqual([t["t"] for t in types], [
            "TINYINT", "SMALLINT", "INTEGER", "DECIMAL(38,10)", "DECIMAL(9,2)", "BOOLEAN", "DATE",
            "TIMESTAMP WITH TIME ZONE", "TIMESTAMP", "VARCHAR"])
        self.p.drop("b.csv", b"tiny,small,medium,wide,price,paid,day,at,epoch,note\n5,,,,,,,,,\n")
        self.assertEqual(self.load_all()[0]["rows_loaded"], 1, "the table that was made fits the contract")


class Init(ContractTest):
    def adopt(self, draft):
        (self.p.folder / CONTRACT).write_text(draft)

    def test_a_drafted_contract_loads_the_files_it_was_drafted_from(self):
        data = csv([*(row(f"{i}", website="VVNL" if i % 2 else "SJS", order_date="2018-7-12 17:33:04.000")
                      for i in range(100, 200)),
                    row("200", order_date="2042-10-17 14:29:05.000")])
        path = self.file("orders_2018.csv", data)
        done = self.ok(millrace("contract", "init", path, "--name", "orders"))
        self.assertIn("name: orders\n", done.out)
        self.assertIn("101 records read", done.err)
        self.assertIn('format: "yyyy-M-d HH:mm:ss[.SSS]"', done.out)
        self.adopt(done.out)
        self.p.drop("a.csv", data)
        file, = self.load_all()
        self.assertEqual((file["rows_loaded"], file["rows_quarantined"], file["warnings_by_code"]),
                         (101, 0, {"in_the_future": 1}))

    @unittest.skipUnless(REAL_ORDERS.is_file(), f"needs the real orders in {REAL_ORDERS}; set MILLRACE_ORDERS_SAMPLE")
    def test_the_real_orders(self):
        self.adopt(self.ok(millrace("contract", "init", REAL_ORDERS)).out)
        self.p.drop("orders_sample.csv", REAL_ORDERS.read_bytes())
        file, = self.load_all()
        self.assertEqual((file["rows_loaded"], file["rows_quarantined"]), (200, 0))
        flags = {f["code"]: f["reason"] for f in file["flag_examples"]}
        self.assertIn("2042-10-17 14:29:05", flags["in_the_future"])
        self.assertIn("EXPRIED", flags["not_accepted"])
        self.assertEqual(file["warnings_by_code"], {"in_the_future": 1, "not_accepted": 1})

    def test_other_delimiters_are_found_and_said(self):
        path = self.file("semi.csv", b'id;"na;me"\n1;"a;b"\n2;x\n')
        done = self.ok(millrace("contract", "init", path, "--json"))
        self.assertEqual((done.json["delimiter"], done.json["records"], done.json["unreadable"]), (";", 2, 0))
        self.assertIn('name: "na;me"', done.json["contract"])
        self.assertIn("the delimiter is ;", millrace("contract", "init", path).err)

    def test_records_that_cannot_be_read_say_nothing_and_are_counted(self):
        path = self.file("a.csv", b"id,n\n1,5\n2\nx\n3,6\n")
        done = self.ok(millrace("contract", "init", path, "--json"))
        self.assertEqual((done.json["records"], done.json["unreadable"]), (4, 2))
        self.assertIn("a.csv:3: found 1 field, expected 2", done.json["first_unreadable"])
        self.assertEqual(done.json["contract"].count("logicalType: integer"), 2)

    def test_packed_files_are_read_and_damaged_ones_refused(self):
        plain = b"\xef\xbb\xbfid;n\n1;5\n2;6\n"
        wanted = self.ok(millrace("contract", "init", self.file("plain.csv", plain), "--name", "t", "--json")).json
        packed = gzip.compress(plain)
        for name, data in (("a.csv.gz", packed), ("gzip_named.csv", packed), ("a.csv.zst", ZSTD)):
            done = self.ok(millrace("contract", "init", self.file(name, data), "--name", "t", "--json"))
            self.assertEqual((done.json["delimiter"], done.json["records"]), (";", 2), str(done))
            self.assertEqual(done.json["contract"].replace(name, "plain.csv"), wanted["contract"])
        done = millrace("contract", "init", self.file("cut.csv.gz", packed[:-9]))
        self.assertEqual(done.code, 1, str(done))
        self.assertIn("cut.csv.gz: broken_stream", done.err)

    def test_a_file_is_never_overwritten_and_never_half_understood(self):
        good, out = self.file("good.csv", b"id,n\n1,5\n"), self.p.folder / "draft.yaml"
        self.ok(millrace("contract", "init", good, "--out", out))
        kept = out.read_text()
        again = millrace("contract", "init", good, "--out", out)
        self.assertEqual((again.code, out.read_text()), (2, kept), str(again))
        self.assertIn("draft.yaml is there already", again.err)
        for name, data, told in [("other.csv", b"id,m\n1,5\n", "other.csv has the columns id, m, and good.csv has id, n"),
                                 ("none.csv", b"", "none.csv: found nothing, expected a header"),
                                 ("binary.csv", b"\x89PNG\r\n\x00\x00", "binary.csv: the first line is no text"),
                                 ("noname.csv", b"id,,n\n1,2,3\n", 'column 2 is named ""'),
                                 ("twice.csv", b"id,ID\n1,2\n", "duplicate_column")]:
            files = [good, self.file(name, data)] if name == "other.csv" else [self.file(name, data)]
            done = millrace("contract", "init", *files)
            self.assertEqual(done.code, 1, str(done))
            self.assertIn(told, done.err)
        self.assertEqual(millrace("contract", "init", self.p.folder / "absent.csv").code, 2)


class Verify(ContractTest):
    BROKEN = csv([row(1), row("x2"), row(1, customer_id=99), row(3, order_date="2018-02-30 00:00:00.000"), "too,few",
                  row("007"), row(5, order_date="2042-10-17 14:29:05.000"), row(6)])

    def test_it_says_what_the_load_says_and_loads_nothing(self):
        path = self.file("a.csv", self.BROKEN)
        done = millrace("contract", "verify", "--project", self.p.folder, path, "--json")
        self.assertEqual(done.code, 1, str(done))
        self.assertFalse(done.json["good"])
        said, = done.json["files"]
        self.assertFalse(self.p.warehouse.exists(), "nothing was opened, nothing was made")
        self.assertTrue(path.exists())

        self.p.drop("a.csv", self.BROKEN)
        loaded, = self.load_all()
        for member in ("state", "sha256", "bytes", "records", "rows_loaded", "rows_quarantined", "rows_flagged",
                       "rejects_by_code", "warnings_by_code", "examples", "flag_examples"):
            self.assertEqual(said[member], loaded[member], member)
        self.assertEqual(said["rejects_by_code"],
                         {"bad_integer": 1, "bad_timestamp": 1, "duplicate_key": 1, "wrong_column_count": 1})
        self.assertEqual(said["warnings_by_code"], {"in_the_future": 1, "leading_zeros": 1})

    def test_for_a_person_it_names_file_line_and_reason(self):
        path = self.file("a.csv", self.BROKEN)
        done = millrace("contract", "verify", "--contract", self.p.folder / CONTRACT, path, cwd="/")
        self.assertEqual(done.code, 1, str(done))
        self.assertIn("8 records: 4 good, 4 rejected (bad_integer 1, bad_timestamp 1, duplicate_key 1, "
                      "wrong_column_count 1), 2 flagged (in_the_future 1, leading_zeros 1)", done.out)
        self.assertIn('a.csv:3: bad_integer: order_id: found "x2", expected a whole number', done.out)
        self.assertIn("a.csv:4: duplicate_key: order_id: the same value stands in line 2 already", done.out)

    def test_good_files_exit_with_0_and_without_names_the_landing_folder_is_meant(self):
        self.p.drop("a.csv", orders(1, 5))
        self.p.drop("b.csv", orders(1, 5))
        done = self.ok(millrace("contract", "verify", "--project", self.p.folder))
        self.assertEqual(done.out.count("5 records: 5 good"), 2, "each file by itself")
        self.assertEqual(self.p.landed(), ["a.csv", "b.csv"])
        (self.p.landing / "b.csv").write_bytes(b"id;n\n1;2\n")
        done = millrace("contract", "verify", "--project", self.p.folder)
        self.assertEqual(done.code, 1)
        self.assertIn("refused, ", done.out)

    def test_mistakes_of_use_exit_with_2(self):
        path = self.file("a.csv", orders(1, 5))
        for words, told in [((path, "--contract", "absent.yaml"), "absent.yaml"),
                            (("absent.csv", "--contract", self.p.folder / CONTRACT), "absent.csv is not there"),
                            (("--project", self.p.folder, "--source", "order", path), "--source orders"),
                            (("--project", self.p.folder), "there is no file to verify"),
                            (("--contract", self.p.folder / CONTRACT, "--delimiter", "::", path), "one character or tab")]:
            done = millrace("contract", "verify", *words)
            self.assertEqual(done.code, 2, str(done))
            self.assertIn(told, done.err)
        self.assertEqual(millrace("contract").code, 2)

    def test_another_delimiter_can_be_named(self):
        path = self.file("a.csv", orders(1, 5).replace(b",", b"\t"))
        contract = self.p.folder / CONTRACT
        self.assertEqual(millrace("contract", "verify", "--contract", contract, path).code, 1)
        self.ok(millrace("contract", "verify", "--contract", contract, "--delimiter", "tab", path))


class Diff(ContractTest):
    def next_contract(self, *changes):
        text = (self.p.folder / CONTRACT).read_text()
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new, 1)
        path = self.p.folder / "next.yaml"
        path.write_text(text)
        return path

    def diff(self, contract, *words):
        return millrace("contract", "diff", contract, "--project", self.p.folder, *words)

    def test_rows_that_a_new_contract_would_lose_are_counted_and_shown(self):
        first = csv([row(1), row(2, product_id="5"), row(3), row("x4")])
        self.p.drop("a.csv", first)
        self.p.drop("b.csv", orders(10, 3, product_id="7"))
        self.load_all()
        digest = sha256(self.p.warehouse.read_bytes())
        strict = self.next_contract(("      - name: product_id\n", "      - name: product_id\n        required: true\n"))

        done = self.diff(strict, "--json")
        self.assertEqual(done.code, 1, str(done))
        self.assertEqual(done.json["changes"], [{"subject": "column product_id", "aspect": "required", "before": "",
                                                 "after": "error"}])
        a, b = done.json["files"]
        self.assertEqual((a["key"], a["rows_lost"], a["rows_gained"]), ("landing/orders/a.csv", 2, 0))
        self.assertEqual((b["rows_lost"], b["rows_gained"]), (0, 0))
        self.assertEqual([(e["line"], e["code"]) for e in a["examples"]["lost"]], [(2, "missing_value"), (4, "missing_value")])
        self.assertEqual((a["before"]["rows_loaded"], a["after"]["rows_loaded"]), (3, 1))

        told = self.diff(strict)
        self.assertEqual(told.code, 1)
        for words in ("column product_id: required added: error", "missing_value 2 (was 0)",
                      "landing/orders/a.csv:2: missing_value: product_id: found nothing", "2 rows lost, 0 rows gained"):
            self.assertIn(words, told.out)
        self.assertEqual(sha256(self.p.warehouse.read_bytes()), digest, "comparing changes nothing")
        self.assertEqual(check(self.p, {"landing/orders/a.csv": [first],
                                        "landing/orders/b.csv": [orders(10, 3, product_id="7")]}), [])

    def test_rows_that_it_would_gain_are_no_failure(self):
        self.p.drop("a.csv", csv([row(1), row("x2")]))
        self.load_all()
        loose = self.next_contract(("      - name: order_id\n        logicalType: integer\n",
                                    "      - name: order_id\n        logicalType: string\n"))
        done = self.ok(self.diff(loose, "--json"))
        self.assertEqual((done.json["rows_lost"], done.json["rows_gained"]), (0, 1))
        self.assertEqual(done.json["files"][0]["examples"]["gained"][0]["code"], "bad_integer")

    def test_a_file_that_would_be_refused_loses_all_its_rows(self):
        self.p.drop("a.csv", orders(1, 5))
        self.load_all()
        other = self.next_contract(("name: website", "name: site"))
        done = self.diff(other)
        self.assertEqual(done.code, 1, str(done))
        self.assertIn("refused, missing_column", done.out)
        self.assertIn("5 rows lost", done.out)

    def test_only_the_last_days_are_asked_and_missing_bytes_are_told(self):
        self.p.drop("a.csv", orders(1, 5))
        self.load_all()
        same = self.next_contract()
        self.assertIn("0 files of the last 0 days", self.ok(self.diff(same, "--days", "0")).out)
        for path in (self.p.lake / "processed").rglob("*.csv"):
            path.unlink()
        done = self.ok(self.diff(same))
        self.assertIn("none: both contracts mean the same", done.out)
        self.assertIn("is gone from the lake", done.err)

    def test_without_a_load_there_is_nothing_to_compare(self):
        done = self.ok(self.diff(self.next_contract(), "--json"))
        self.assertEqual((done.json["changes"], done.json["files"]), ([], []))
        broken = self.file("broken.yaml", b"apiVersion: v3.1.0\nkind: DataContrakt\n")
        done = self.diff(broken)
        self.assertEqual(done.code, 2)
        self.assertIn("broken.yaml", done.err)


if __name__ == "__main__":
    main()
