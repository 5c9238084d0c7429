#!/usr/bin/env python3
"""Packed files, other encodings, JSON lines and Parquet: the same rows, rejects and ledger as plain CSV; what is damaged
is refused whole, with nothing of it loaded, and does not stop the files beside it."""
import base64
import collections
import gzip
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import check  # noqa: E402
from millrace_process import BINARY, HEADER, ProcessTest, ask, csv, environment, main, orders, row, sha256  # noqa: E402

# orders(300, 5), packed by zstd 1.5.4 with its checksum; Python's library has no zstd.
ZSTD = base64.b64decode(
    "KLUv/QRoxQQAkkcZGYDNA8A2laX5WbZJbQAoRePdhGRIIdARDQFEY4utV3TQunsg+rX23ArYElwLxWrGB2IsnCgMw8yNHb/HOVV/7m6AWyj/Wmif3c53"
    "nIpX0vrESycbOVRBCaL2b2SP9dJnOZvqstIVIKAooLYDDZUHvR9lL1SsAQ6AB+bGbsY4dEGPkDM0gxnkN3AdBXn4V+dSuzVs0E2RYTnw")
GOOD = orders(100, 5)
MANY = csv([row(i, customer_id="x" if i % 1000 == 0 else 7, website=f"site{i * 7919 % 997}") for i in range(1, 60_000)])
COLUMNS = HEADER.split(",")
NUMBERS = {"order_id", "customer_id", "payment_id", "voucher_id", "product_id"}


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1:]


def json_line(record):
    """A record of row() as JSON, numbers as numbers, what is empty left out."""
    cells = {name: cell for name, cell in zip(COLUMNS, record.split(",")) if cell}
    return json.dumps({name: int(cell) if name in NUMBERS else cell for name, cell in cells.items()})


class FormatTest(ProcessTest):
    def setUp(self):
        super().setUp()
        self.p = self.project()
        self.p.edit("millrace.yaml", "landing/orders/*.csv*", "landing/orders/*")
        self.delivered = {}

    def declare(self, lines):
        """Keys of the source, in the place of on_new_bytes."""
        self.p.edit("millrace.yaml", "    on_new_bytes: replace ", f"    {lines}\n    on_new_bytes: replace ")

    def drop(self, name, data):
        self.p.drop(name, data)
        self.delivered.setdefault(f"landing/orders/{name}", []).append(data)

    def load(self, code=0):
        """{name: what was said of the file}"""
        document = self.ok(self.p.run("load", "--json"), code).json
        return {f["key"].removeprefix("landing/orders/"): f for f in document["files"]}

    def rows(self):
        return self.p.ask("SELECT * EXCLUDE (_mr_file_id, _mr_line, _mr_offset, _mr_length), order_date::VARCHAR AS order_date, "
                          "payment_date::VARCHAR AS payment_date FROM raw.orders ORDER BY order_id")[0]

    def refused(self, file, code, data):
        """Refused whole, said why, kept as it came."""
        self.assertEqual((file["state"], file["code"], file["rows_loaded"]), ("quarantined", code, 0), file)
        self.assertTrue(file["reason"].strip())
        self.assertEqual((self.p.lake / file["archive_key"]).read_bytes(), data)

    def conserved(self, text_of):
        self.assertEqual(check(self.p, self.delivered, text_of=text_of), [])


class Formats(FormatTest):
    def test_packed_files_load_and_damaged_ones_leave_nothing(self):
        packed = gzip.compress(MANY)
        bad = {"cut": packed[:-len(packed) // 3], "cut in the trailer": packed[:-3], "flipped": flipped(packed, len(packed) // 2),
               "wrong crc": flipped(packed, len(packed) - 6), "wrong length": flipped(packed, len(packed) - 2),
               "with a tail": packed + b"tail", "cut.zst": ZSTD[:-10], "flipped.zst": flipped(ZSTD, 70)}
        bomb, twice = gzip.compress(bytes(HEADER, "ascii") + b"\n" + b"\n" * (64 << 20)), gzip.compress(gzip.compress(GOOD))
        for name, data in {**bad, "bomb": bomb, "twice": twice, "whole.csv.gz": packed, "no name for it": ZSTD,
                           "plain.csv.gz": orders(70_000, 5), "nothing.gz": gzip.compress(b"")}.items():
            self.drop(name, data)
        files = self.load(1)
        for name, data in bad.items():
            with self.subTest(file=name):
                self.refused(files[name], "broken_stream", data)
        self.refused(files["bomb"], "too_large_unpacked", bomb)
        self.refused(files["twice"], "unsupported_compression", twice)
        self.assertEqual((files["whole.csv.gz"]["rows_loaded"], files["whole.csv.gz"]["rows_quarantined"]), (59_940 - 5, 59 + 5))
        self.assertEqual([files[n]["rows_loaded"] for n in ("no name for it", "plain.csv.gz")], [5, 5])
        self.assertEqual(files["nothing.gz"]["state"], "empty")
        self.assertEqual(self.p.ask("SELECT count(*) AS n FROM raw.orders")[0][0]["n"], 59_935 + 10)
        self.assertEqual({f["sha256"] for f in files.values()}, {sha256(d[0]) for d in self.delivered.values()})
        self.conserved(lambda data: gzip.decompress(data) if data[:2] == b"\x1f\x8b" else
                       orders(300, 5) if data == ZSTD else data)

    def test_duplicates_of_a_packed_file_keep_their_own_bytes(self):
        self.drop("a.csv", GOOD)
        twice = csv([row(102, customer_id=8), row(500), row(500, customer_id=9)])
        self.drop("b.csv.gz", gzip.compress(twice))
        self.assertEqual(self.load()["b.csv.gz"]["rows_quarantined"], 2)
        raw, = self.p.ask("SELECT raw::VARCHAR AS raw, code FROM millrace.quarantine ORDER BY line")
        self.assertEqual([(r["raw"], r["code"]) for r in raw],
                         [(row(102, customer_id=8), "duplicate_key"), (row(500, customer_id=9), "duplicate_key")])
        self.conserved(lambda data: gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)

    def test_encodings_give_the_same_rows_and_broken_ones_nothing(self):
        text = csv([row(1, website="caf\xe9"), row(2, website="stra\xdfe"), row("x", website="\xfc")]).decode()
        wanted, bad = None, {"latin-1": "\ufefftext".encode("utf-16"), "cp1252": text.encode("cp1252") + b"\x81\n",
                             "utf-16": text.encode(), "utf-16le": text.encode("utf-16-le")[:-1],
                             "utf-16be": text.encode("utf-16-be") + b"\xd8\x3d"}
        for encoding, damaged in bad.items():
            with self.subTest(encoding=encoding):
                self.p, self.delivered = self.project(encoding), {}
                self.declare(f"csv: {{encoding: {encoding}}}")
                python = {"utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}.get(encoding, encoding)
                self.drop("a.csv", text.encode(python))
                self.drop("b.csv.gz", gzip.compress(csv([row(3, website="\xe9t\xe9")]).decode().encode(python)))
                self.drop("bad.csv", damaged)
                files = self.load(1)
                self.assertEqual((files["a.csv"]["rows_loaded"], files["a.csv"]["rows_quarantined"]), (2, 1))
                self.refused(files["bad.csv"], "wrong_encoding", damaged)
                wanted = wanted or self.rows()
                self.assertEqual(self.rows(), wanted)
                self.assertEqual([r["website"] for r in wanted], ["caf\xe9", "stra\xdfe", "\xe9t\xe9"])
                # The mark of UTF-16 becomes that of UTF-8, and belongs to the header.
                self.conserved(lambda d: (gzip.decompress(d) if d[:2] == b"\x1f\x8b" else d).decode(python).encode() if
                               python != "utf-16" else b"\xef\xbb\xbf" +
                               (gzip.decompress(d) if d[:2] == b"\x1f\x8b" else d).decode(python).encode())

    def test_utf16_is_refused_where_nobody_declared_it(self):
        data = GOOD.decode().encode("utf-16")
        self.drop("a.csv", data)
        self.refused(self.load(1)["a.csv"], "wrong_encoding", data)

    def test_json_lines_give_the_rows_that_csv_gives(self):
        records = [row(1), row(2, voucher_id=9, website="VVAA"), row(3, payment_status="", payment_date="2016-2-12 07:00:00")]
        self.drop("a.csv", csv(records))
        self.load()
        wanted = self.rows()
        self.p, self.delivered = self.project("json"), {}
        self.p.edit("millrace.yaml", "landing/orders/*.csv*", "landing/orders/*")
        self.declare("format: ndjson")
        lines = [json_line(r) for r in records]
        bad = ['{"order_id": 4', json_line(row(5)).replace("}", "} tail"), '{"order_id": "six"}', '{"order_id": 1e3}', "[7]",
               json_line(row(8)).replace('"PAID"', "[]", 1).replace('"customer_id": 7', '"customer_id": {}')]
        self.drop("a.json", "\n".join([*lines, "", *bad]).encode())
        self.drop("b.json.gz", gzip.compress(json_line(row(10)).encode() + b"\n"))
        unknown = json_line(row(11)).replace("{", '{"surprise": 1, ').encode()
        array, plain = b"[" + json_line(row(12)).encode() + b"]", GOOD
        for name, data in {"unknown.json": unknown, "array.json": array, "plain.csv": plain, "empty.json": b"",
                           "cut.json.gz": gzip.compress(json_line(row(13)).encode())[:-5]}.items():
            self.drop(name, data)
        files = self.load(1)
        self.assertEqual([files["a.json"][m] for m in ("records", "rows_loaded", "rows_quarantined")], [9, 3, 6])
        self.assertEqual(self.rows()[:3], wanted)
        codes, = self.p.ask("SELECT line, code FROM millrace.quarantine ORDER BY line")
        self.assertEqual([(c["line"], c["code"]) for c in codes],
                         list(zip(range(5, 11), ["bad_json", "bad_json", "bad_integer", "bad_integer", "bad_json", "json_nesting"])))
        self.assertEqual(files["b.json.gz"]["rows_loaded"], 1)
        self.refused(files["unknown.json"], "extra_column", unknown)
        self.refused(files["array.json"], "not_csv", array)
        self.refused(files["plain.csv"], "not_csv", plain)
        self.refused(files["cut.json.gz"], "broken_stream", self.delivered["landing/orders/cut.json.gz"][0])
        self.assertEqual(files["empty.json"]["state"], "empty")
        self.conserved(lambda data: gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)


class Parquet(FormatTest):
    TYPED = ("CAST(order_id AS BIGINT) AS order_id, source, CAST(customer_id AS INTEGER) AS customer_id, "
             "CAST(payment_id AS BIGINT) AS payment_id, CAST(voucher_id AS BIGINT) AS voucher_id, "
             "CAST(product_id AS BIGINT) AS product_id, website, order_status, voucher_status, payment_status, "
             "CAST(order_date AS TIMESTAMP) AS order_date, CAST(payment_date AS TIMESTAMP) AS payment_date")

    def parquet(self, data, columns=None, name="made.parquet"):
        """A Parquet file with the rows of a CSV file."""
        source, made = self.temp / "source.csv", self.temp / name
        source.write_bytes(data)
        ask(":memory:", f"COPY (SELECT {columns or self.TYPED} FROM read_csv('{source}', all_varchar=true)) TO '{made}' (FORMAT parquet)")
        return made.read_bytes()

    def text_of(self, data):
        """What the child gives of the file, without the line in front of it."""
        if not data.startswith(b"PAR1"):
            return data
        path = self.temp / "again.parquet"
        path.write_bytes(data)
        done = subprocess.run(["/bin/sh", "-c", 'exec "$0" read-parquet $PPID 3<"$1"', BINARY, path], capture_output=True,
                              env=environment(), check=True, timeout=60)
        return done.stdout.split(b"\n", 1)[1]

    def test_parquet_gives_the_rows_that_csv_gives(self):
        data = csv([row(1), row(2, voucher_id=9, website='"with, ""all"" of it"'), row(3, payment_status=""),
                    *[row(i) for i in range(10, 5000)]])
        self.drop("a.csv", data)
        self.load()
        wanted = self.rows()
        self.p, self.delivered = self.project("parquet"), {}
        self.p.edit("millrace.yaml", "landing/orders/*.csv*", "landing/orders/*")
        self.declare("format: parquet")
        good = self.parquet(data)
        bad = {"cut.parquet": good[:len(good) // 2], "no footer.parquet": flipped(good, len(good) - 6),
               "torn metadata.parquet": good[:-800] + bytes(600) + good[-200:]}
        texts = self.parquet(csv([row("x1"), row(6000, order_date="12.07.2018"), row(6001), row(6001)]), "*")
        foreign = {"plain.csv": GOOD, "packed.parquet": gzip.compress(good)}
        extra = self.parquet(csv([row(7000)]), self.TYPED + ", 1 AS surprise")
        for name, content in {"good.parquet": good, "texts.parquet": texts, "extra.parquet": extra, "empty.parquet": b"",
                              **bad, **foreign}.items():
            self.drop(name, content)
        files = self.load(1)
        self.assertEqual((files["good.parquet"]["rows_loaded"], files["good.parquet"]["rows_quarantined"]), (4993, 0))
        self.assertEqual(self.rows()[:4993], wanted)
        self.assertEqual((files["texts.parquet"]["rows_loaded"], files["texts.parquet"]["rows_quarantined"]), (1, 3))
        for name, content in bad.items():
            with self.subTest(file=name):
                self.refused(files[name], "unreadable_file", content)
        for name, content in foreign.items():
            self.refused(files[name], "not_csv", content)
        self.refused(files["extra.parquet"], "extra_column", extra)
        self.assertEqual(files["empty.parquet"]["state"], "empty")
        self.conserved(self.text_of)
        self.assertEqual([p.name for p in self.p.folder.iterdir() if "copy" in p.name], [])

    def test_a_fault_around_the_child_leaves_nothing_half_done(self):
        self.declare("format: parquet")
        self.drop("a.parquet", self.parquet(csv([row(i) for i in range(1, 40_000)])))
        log = self.temp / "points.log"
        rehearsal = self.p.copy_to(self.temp / "rehearsal")
        self.ok(rehearsal.run("load", env={"MILLRACE_FAILPOINT_LOG": str(log)}))
        passed = collections.Counter(log.read_text().split())
        points = {name: n for name, n in passed.items() if name.startswith(("lake.child.", "lake.copy."))}
        self.assertEqual(set(points), {"lake.copy.before", "lake.child.before_start", "lake.child.before_read"})
        untouched = self.p
        for name, n in points.items():
            for k, action in {(k, action) for k in (1, n) for action in ("kill", "error", "error+")}:
                with self.subTest(point=name, passing=k, action=action):
                    self.p = untouched.copy_to(self.temp / f"{name}-{k}-{action}")
                    fault = f"{name}={action.rstrip('+')}@{k}" + ("+" if action == "error+" else "")
                    done = self.p.run("load", "--json", env={"MILLRACE_FAILPOINTS": fault})
                    self.assertEqual(done.code, -9 if action == "kill" else 2, done)
                    self.load()
                    self.assertEqual(len(self.rows()), 39_999)
                    self.conserved(self.text_of)

    def test_a_contract_with_a_format_of_its_own_takes_times_and_texts(self):
        self.declare("format: parquet")
        self.p.edit("contracts/orders.yaml", "format: yyyy-M-d HH:mm:ss[.SSS]", "format: d/M/yyyy")
        typed, text = csv([row(1, payment_date="2018-02-01 03:04:05")]), csv([row(2, payment_date="1/2/2018")])
        self.drop("typed.parquet", self.parquet(typed))
        self.drop("text.parquet", self.parquet(text, "*"))
        self.load()
        self.assertEqual([r["payment_date"] for r in self.rows()], ["2018-02-01 03:04:05", "2018-02-01 00:00:00"])


if __name__ == "__main__":
    main()
