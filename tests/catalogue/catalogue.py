"""The catalogue of bad input: what can be wrong with a file, and what is to become of each.

A case is one or more files that land together, and for each file the expected fate: its state in the ledger, the rows
loaded, the rejects by code in the order of lines, the warnings by code. Nothing else may happen, and nothing in silence.
"""
import bz2
import codecs
import ctypes
import ctypes.util
import dataclasses
import gzip
import io
import json
import lzma
import zipfile
import zlib

HEADER = "id,name,price,qty,day,at,flag,code"


def row(id=1, **other):
    cells = {"id": id, "name": "Ann", "price": "9.90", "qty": "3", "day": "2018-02-03", "at": "2018-02-03 10:00:00",
             "flag": "true", "code": "A7", **other}
    return ",".join(str(cells[name]) for name in HEADER.split(","))


def text(*lines, header=HEADER, end="\n"):
    return end.join([header, *lines]) + end


def csv(*lines, **how):
    return text(*lines, **how).encode()


@dataclasses.dataclass
class Fate:
    """Of one file. Words of the catalogue: L loaded, W warnings, QR rejects, QF refused."""
    state: str = "loaded"
    code: str = None
    rows: int = None
    rejects: list = dataclasses.field(default_factory=list)
    warnings: dict = dataclasses.field(default_factory=dict)
    reason: str = ""  # a part of the reason of the file or of the first reject
    values: dict = None  # {column: [values in the order of lines]}


def loads(rows, values=None, **warnings):
    return Fate(rows=rows, warnings=warnings, values=values)


def rejects(rows, *codes, reason="", values=None, **warnings):
    return Fate(rows=rows, rejects=list(codes), reason=reason, values=values, warnings=warnings)


def refused(code, reason=""):
    return Fate(state="quarantined", code=code, rows=0, reason=reason)


def empty(**warnings):
    return Fate(state="empty", rows=0, warnings=warnings)


@dataclasses.dataclass
class Case:
    number: int
    title: str
    files: dict  # name: bytes
    fates: dict  # name: Fate
    variant: str = "base"


def column(name, kind="string", **more):
    return {"name": name, "logicalType": kind, **more}


def custom(**properties):
    return [{"property": k, "value": v} for k, v in properties.items()]


def contract(**changed):
    """The contract of all cases, as ODCS; a column may be changed, or left out with None."""
    columns = {"id": column("id", "integer", required=True), "name": column("name"),
               "price": column("price", "number", physicalType="decimal(18,2)"),
               "qty": column("qty", "integer", logicalTypeOptions={"format": "i32", "minimum": 0}),
               "day": column("day", "date"), "at": column("at", "timestamp"), "flag": column("flag", "boolean"),
               "code": column("code"), **changed}
    return {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "c", "version": "1", "status": "active",
            "schema": [{"name": "c", "properties": [c for c in columns.values() if c]}]}


# Each is a source of its own: {"source": keys of millrace.yaml, "contract": …}
VARIANTS = {
    "base": {},
    "utf16": {"source": {"csv": {"encoding": "utf-16"}}},
    "latin1": {"source": {"csv": {"encoding": "latin-1"}}},
    "cp1252": {"source": {"csv": {"encoding": "cp1252"}}},
    "escape": {"source": {"csv": {"escape": "\\"}}},
    "strict_quotes": {"source": {"csv": {"stray_quotes": "reject"}}},
    "refuse_empty": {"source": {"on_empty": "refuse"}},
    "missing_ok": {"source": {"schema_contract": {"missing_columns": "evolve"}}},
    "missing_row": {"source": {"schema_contract": {"missing_columns": "discard_row"}}},
    "extra_value": {"source": {"schema_contract": {"columns": "discard_value"}}},
    "extra_row": {"source": {"schema_contract": {"columns": "discard_row"}}},
    "extra_evolve": {"source": {"schema_contract": {"columns": "evolve"}}},
    "type_freeze": {"source": {"schema_contract": {"data_type": "freeze"}}},
    "type_value": {"source": {"schema_contract": {"data_type": "discard_value"}}},
    "alias": {"contract": contract(code=column("code", customProperties=custom(aliases=["product_code"])))},
    "semicolon": {"source": {"csv": {"delimiter": ";", "skip_lines": 1}}},
    "comment": {"source": {"csv": {"comment": "#"}}},
    "skip3": {"source": {"csv": {"skip_lines": 3}}},
    "short_lines": {"source": {"csv": {"max_record": "64KiB"}}},
    "integral": {"contract": contract(qty=column("qty", "integer", customProperties=custom(integralDecimals=True)))},
    "trim": {"contract": contract(qty=column("qty", "integer", customProperties=custom(trim=True)))},
    "comma": {"contract": contract(price=column("price", "number", physicalType="decimal(18,2)",
                                                customProperties=custom(decimalSeparator=",", groupSeparator=".")))},
    "id_text": {"contract": contract(code=column("code", logicalTypeOptions={"pattern": "^[0-9]+$"}))},
    "double": {"contract": contract(price=column("price", "number"))},
    "formats": {"contract": contract(day=column("day", "date", logicalTypeOptions={"format": "dd/MM/yyyy"}))},
    "capped": {"source": {"limits": {"max_rejects": 5}}},
    "nfc_key": {"contract": contract(code=column("code", unique=True, customProperties=custom(unicode="NFC")))},
    "future": {"contract": contract(at=column("at", "timestamp", quality=[
        {"type": "custom", "engine": "millrace", "implementation": "not_in_future", "severity": "warning"}]))},
    "hour24": {"contract": contract(at=column("at", "timestamp", customProperties=custom(hour24="next_day")))},
    "zoned": {"contract": contract(at=column("at", "timestamp", logicalTypeOptions={
        "timezone": True, "defaultTimezone": "Europe/Paris"}))},
    "zoned_earlier": {"contract": contract(at=column("at", "timestamp", logicalTypeOptions={
        "timezone": True, "defaultTimezone": "Europe/Paris"}, customProperties=custom(dstPolicy="earlier")))},
    "epoch_ms": {"contract": contract(at=column("at", "timestamp", customProperties=custom(unit="ms")))},
    "nulls": {"contract": contract(name=column("name", customProperties=custom(nullValues=["", "NULL", "\\N", "NA"])))},
    "booleans": {"contract": contract(flag=column("flag", "boolean", customProperties=custom(
        trueValues=["sim", "yes", "1"], falseValues=["não", "no", "0"])))},
    "bomb": {"source": {"limits": {"max_unpacked": "1MiB", "max_ratio": 50}}},
    "key_first": {"contract": contract(id=column("id", "integer", primaryKey=True, unique=True))},
    "key_newest": {"contract": contract(id=column("id", "integer", primaryKey=True, unique=True)),
                   "source": {"on_duplicate_key": "newest"}},
    "key_keep": {"contract": contract(id=column("id", "integer", primaryKey=True, unique=True)),
                 "source": {"on_duplicate_key": "keep"}},
}


def zstd(data):
    """By the library that the program itself uses."""
    library = ctypes.CDLL(ctypes.util.find_library("zstd"))
    library.ZSTD_compressBound.restype = library.ZSTD_compress2.restype = ctypes.c_size_t
    library.ZSTD_createCCtx.restype = ctypes.c_void_p
    library.ZSTD_compressBound.argtypes = [ctypes.c_size_t]
    library.ZSTD_CCtx_setParameter.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    library.ZSTD_compress2.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
    context = library.ZSTD_createCCtx()
    library.ZSTD_CCtx_setParameter(context, 201, 1)  # ZSTD_c_checksumFlag
    room = ctypes.create_string_buffer(library.ZSTD_compressBound(len(data)))
    size = library.ZSTD_compress2(context, room, len(room), data, len(data))
    return room.raw[:size]


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


def zipped(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("orders.csv", data)
    return out.getvalue()


def one(number, title, data, fate, variant="base", name=None):
    name = name or f"case{number}.csv"
    return Case(number, title, {name: data}, {name: fate}, variant)


def several(number, title, variant="base", **files):
    """name=(bytes, fate)"""
    return Case(number, title, {f"case{number}_{n}.csv": d for n, (d, _) in files.items()},
                {f"case{number}_{n}.csv": f for n, (_, f) in files.items()}, variant)


def fields(number, title, name, good, bad, code, variant="base", values=None, **warnings):
    """One record for each text of one column: the good ones first."""
    lines = [row(**{"id": i + 1, name: value}) for i, value in enumerate([*good, *bad])]
    codes = [code] * len(bad) if isinstance(code, str) else list(code or [])
    return one(number, title, csv(*lines),
               Fate(rows=len(good), rejects=codes, warnings=warnings, values={name: values} if values else None), variant,
               name=f"case{number}_{name}_{variant}.csv")


BIG = csv(*[row(i, name=f"customer {i * 7919 % 1000}") for i in range(1, 5001)])
PACKED = gzip.compress(BIG, mtime=0)


def cases():
    yield one(1, "UTF-8 byte order mark", codecs.BOM_UTF8 + csv(row(1)), loads(1))
    for kind, mark in (("le", codecs.BOM_UTF16_LE), ("be", codecs.BOM_UTF16_BE)):
        data = mark + text(row(1, name="Zoë")).encode(f"utf-16-{kind}")
        yield one(2, f"UTF-16 {kind} with its mark, declared", data, loads(1, {"name": ["Zoë"]}), "utf16", f"case2_{kind}.csv")
        yield one(2, f"UTF-16 {kind} with its mark", data, refused("wrong_encoding", "UTF-16"), name=f"case2_{kind}_base.csv")
    yield one(3, "UTF-16 without a mark", text(row(1)).encode("utf-16-le"), refused("wrong_encoding", "UTF-16"))
    yield one(4, "Latin-1 bytes", text(row(1), row(2, name="Zoë")).encode("latin-1"), rejects(1, "bad_utf8", reason="0xeb"))
    yield one(4, "Latin-1, declared", text(row(1, name="Zoë")).encode("latin-1"), loads(1, {"name": ["Zoë"]}), "latin1")
    yield one(4, "CP1252, declared", text(row(1, name="5 € “x”")).encode("cp1252"), loads(1, {"name": ["5 € “x”"]}), "cp1252")
    bad = [b"\xc3", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"]
    yield one(5, "cut, overlong, surrogate and too large UTF-8",
              csv(row(9)) + b"".join(row(i).encode().replace(b"Ann", b) + b"\n" for i, b in enumerate(bad)),
              rejects(1, *["bad_utf8"] * 4))
    yield one(6, "NUL inside a field", csv(row(1), row(2, name="A\0B"), row(3)), rejects(2, "nul_byte"))
    yield one(7, "NUL tail", csv(row(1)) + b"\0" * 5000, refused("nul_tail", "5000 NUL bytes"))
    yield one(8, "CR line ends", csv(row(1), row(2), end="\r"), loads(2))
    yield one(9, "CRLF, LF and CR mixed", (HEADER + "\r\n" + row(1) + "\n" + row(2) + "\r" + row(3) + "\r\n").encode(),
              loads(3, mixed_line_ends=1))
    yield one(10, "unbalanced quote in the middle", csv(row(1), row(2, name='"Ann'), *[row(i) for i in range(3, 40)]),
              rejects(38, "unbalanced_quote"))
    yield one(11, "unbalanced quote in the last record", csv(row(1), row(2, name='"Ann')), rejects(1, "unbalanced_quote"))
    yield one(12, "line end inside quotes", csv(row(1, name='"Ann\nBob"'), row(2)), loads(2, {"name": ["Ann\nBob", "Ann"],
                                                                                          "_mr_line": [2, 4]}))
    yield one(13, "text behind a closing quote", csv(row(1), row(2, name='"a"b')), rejects(1, "text_after_quote"))
    yield one(14, "quote escaped by a backslash", csv(row(1), row(2, name='"a\\"b"')), rejects(1, "text_after_quote"))
    yield one(14, "the same, declared", csv(row(1), row(2, name='"a\\"b"')), loads(2, {"name": ["Ann", 'a"b']}), "escape")
    yield one(15, "quote inside a bare field", csv(row(1, name='5" disk')), loads(1, {"name": ['5" disk']}, stray_quote=1))
    yield one(15, "the same, refused", csv(row(1), row(2, name='5" disk')), rejects(1, "text_after_quote"), "strict_quotes")
    yield one(16, "short record", csv(row(1), "2,Ann"), rejects(1, "wrong_column_count", reason="found 2 fields, expected 8"))
    yield one(17, "long record", csv(row(1), row(2) + ",more"), rejects(1, "wrong_column_count", reason="found 9 fields"))
    yield several(18, "trailing delimiter",
                  all=(csv(row(1) + ",", row(2) + ","), loads(2, trailing_delimiter=1)),
                  header_too=(csv(row(1) + ",", row(2) + ",", header=HEADER + ","), loads(2, trailing_delimiter=1)),
                  some=(csv(row(1), row(2) + ","), rejects(1, "wrong_column_count")))
    yield one(19, "no byte", b"", empty(no_bytes=1))
    yield one(19, "no byte, refused", b"", refused("empty_file"), "refuse_empty")
    yield one(20, "header only", csv(), empty(no_records=1))
    yield one(21, "header without a line end", HEADER.encode(), empty(no_records=1))
    yield one(22, "no header", csv(row(2), header=row(1)), refused("bad_header", "names no column of the contract"))
    short = HEADER.removesuffix(",code")
    yield one(23, "missing column", csv(row(1).removesuffix(",A7"), header=short), refused("missing_column", '"code"'))
    yield one(23, "missing column, allowed", csv(row(1).removesuffix(",A7"), header=short),
              loads(1, {"code": [None]}, absent_column=1), "missing_ok")
    yield one(23, "missing required column", csv("Ann", header="name"), refused("missing_column", '"id"'), "missing_ok",
              "case23_required.csv")
    yield one(23, "missing required column, by rows", csv("Ann", "Bob", header="name"),
              Fate(rows=0, rejects=["missing_value"] * 2, warnings={"absent_column": 7}), "missing_row")
    extra = csv(row(1) + ",5", row(2) + ",", header=HEADER + ",discount")
    yield one(24, "extra column", extra, refused("extra_column", '"discount"'))
    yield one(24, "extra column, left out", extra, loads(2, discarded_column=1), "extra_value")
    yield one(24, "extra column, its rows left out", extra, rejects(1, "extra_value", reason="discount"), "extra_row")
    yield one(24, "extra column, kept", extra, loads(2, {"discount": ["5", None]}, new_column=1), "extra_evolve")
    turned = ",".join(reversed(HEADER.split(",")))
    yield one(25, "columns in another order", csv(",".join(reversed(row(1, qty=77).split(","))), header=turned),
              loads(1, {"qty": [77], "name": ["Ann"]}))
    renamed = HEADER.replace("code", "product_code")
    yield one(26, "renamed column", csv(row(1), header=HEADER.replace("price", "prise")),
              refused("missing_column", '"prise": renamed?'))
    yield one(26, "renamed column with an alias", csv(row(1), header=renamed), loads(1, {"code": ["A7"]}, renamed_column=1), "alias")
    yield one(27, "column named twice", csv(row(1) + ",1", header=HEADER + ",Code"), refused("duplicate_column", '"Code" twice'))
    yield one(28, "header in other case, with spaces, in quotes",
              csv(row(1), header='ID, name ,\u00a0price,"qty","Day",at,flag,code'), loads(1, {"qty": [3]}, header_normalised=4))
    yield one(29, "header again in the middle", csv(row(1), HEADER, row(2)), rejects(2, "repeated_header"))
    yield one(30, "blank lines, and one of spaces", csv(row(1), "", "", row(2), "   ", row(3)), rejects(3, "wrong_column_count"))
    for name, other in (("semicolon", ";"), ("tab", "\t"), ("pipe", "|")):
        yield one(31, f"delimiter {name}", csv(row(1)).replace(b",", other.encode()), refused("wrong_delimiter", "expected ,"),
                  name=f"case31_{name}.csv")
    hinted = b"sep=;\n" + csv(row(1)).replace(b",", b";")
    yield one(32, "hint for a spreadsheet", hinted, refused("bad_header", "skip_lines: 1"))
    yield one(32, "the same, declared", hinted, loads(1), "semicolon")
    yield one(33, "comment line", csv(row(1), "# a word", row(2)), rejects(2, "wrong_column_count"))
    yield one(33, "comment line, declared", csv(row(1), "# a word, or two", row(2)), loads(2), "comment")
    above = b"Orders of February\n\nmade by hand\n"
    yield one(34, "lines above the header", above + csv(row(1)), refused("bad_header", "skip_lines: 3"))
    yield one(34, "the same, declared", above + csv(row(1)), loads(1, {"_mr_line": [5]}), "skip3")
    yield one(34, "the same, with CR line ends", (above + csv(row(1))).replace(b"\n", b"\r"), loads(1, {"_mr_line": [5]}), "skip3",
              "case34_cr.csv")
    yield one(34, "nothing below the lines above", above, refused("bad_header", "has none behind them"), "skip3", "case34_above.csv")
    yield one(34, "a header behind 3 MB of blank lines", b"\n" * 3_000_000 + csv(row(1)),
              refused("bad_header", "blank lines and comments only"), name="case34_blank.csv")
    yield one(34, "a header behind 3 MB of text", b"x" * 3_000_000 + b"\n\n\n" + csv(row(1)),
              refused("bad_header", "no header behind them"), "skip3", "case34_long.csv")
    yield one(35, "footer", csv(row(1), "TOTAL,1"), rejects(1, "wrong_column_count"))
    yield one(36, "Ctrl-Z at the end", csv(row(1)) + b"\x1a", loads(1, control_z=1))
    yield one(37, "U+2028 and U+0085 in a field", csv(row(1, name="a\u2028b\u0085c")), loads(1, {"name": ["a\u2028b\u0085c"]}))
    for name, data in (("html", b"<!DOCTYPE html><html><body>502</body></html>"), ("xml", b"<?xml version='1.0'?><a/>"),
                       ("json", b'{"id": 1}\n')):
        yield one(38, f"{name} named .csv", data, refused("not_csv"), name=f"case38_{name}.csv")
    yield one(39, "gzip named .csv", gzip.compress(csv(row(1))), loads(1))
    yield one(39, "plain text named .gz", csv(row(2)), loads(1), name="case39.csv.gz")
    for name, data, code in (("pdf", b"%PDF-1.7\n", "not_csv"), ("xlsx", zipped(b"x"), "unsupported_compression"),
                             ("parquet", b"PAR1\x15\x04", "not_csv")):
        yield one(39, f"{name} named .csv", data, refused(code), name=f"case39_{name}.csv")
    yield one(40, "field of 20 MB", csv(row(1), row(2, name="x" * 20_000_000), row(3)), rejects(2, "field_too_long"))
    yield one(40, "field of 20 MB in quotes", csv(row(1), row(2, name='"' + "x" * 20_000_000 + '"'), row(3)),
              rejects(2, "field_too_long"), name="case40_quoted.csv")
    yield one(41, "a line without end", csv(row(1)) + b"x" * 3_000_000, refused("record_too_long"), "short_lines")
    yield one(42, "header of a million columns", ",".join(f"c{i}" for i in range(1_000_000)).encode() + b"\n",
              refused("too_many_columns", "expected up to 4096"))
    yield one(42, "a header of 3 MB", b"id," + b"x" * 3_000_000 + b"\n" + csv(row(1)),
              refused("not_csv", "does not end within"), name="case42_long.csv")
    yield one(43, "more rejects than are kept", csv(*["x"] * 210_000, row(1)),
              refused("too_many_rejects", "210,000 of 210,001 records broken"))
    yield one(43, "the same with a cap of its own", csv(*["x"] * 6, row(1)), refused("too_many_rejects", "6 of 7 records broken, and at most 5 are kept"),
              "capped", "case43_capped.csv")
    yield one(43, "as many as are kept", csv(*["x"] * 5, row(1)), Fate(rows=1, rejects=["wrong_column_count"] * 5), "capped",
              "case43_fits.csv")
    yield one(43, "more warnings than are kept are counted", csv(*[row(i, qty="007") for i in range(2500)]),
              loads(2500, leading_zeros=2500), name="case43_flags.csv")
    yield fields(44, "beyond 64 bits", "id", ["9223372036854775807", "-9223372036854775808"],
                 ["9223372036854775808", "-9223372036854775809"], "bad_integer")
    yield fields(45, "beyond 32 bits, and negative", "qty", ["2147483647"], ["2147483648", "-3"], ["bad_integer", "out_of_range"])
    yield fields(46, "exponent in a whole number", "qty", [], ["1e3"], "bad_integer")
    yield fields(47, "fraction in a whole number", "qty", [], ["1.0", "1.5"], "bad_integer")
    yield fields(47, "1.0, declared", "qty", ["1.0"], ["1.5"], "bad_integer", "integral", values=[1])
    yield fields(48, "other bases and separators", "qty", [], ["0x10", "1_000", "0b11"], "bad_integer")
    yield fields(49, "signs, blanks, other digits", "qty", ["-0"], ["+1", " 1 ", "١٢", "１２"], "bad_integer", minus_zero=1)
    yield fields(49, "blanks, declared", "qty", [" 1 "], [], None, "trim", values=[1])
    yield fields(50, "leading zeros in a number", "qty", ["007"], [], None, values=[7], leading_zeros=1)
    yield fields(50, "leading zeros in a text", "code", ["007"], [], None, values=["007"])
    yield fields(51, "long id as text", "code", ["12345678901234567890"], ["1.23E+15"], "no_match", "id_text",
                 values=["12345678901234567890"])
    yield fields(52, "separators of other countries", "price", ["1234.50"],
                 ['"9,90"', '"1,234.50"', '"1.234,50"', "1 234", "1'234"], "bad_decimal")
    yield fields(52, "separators, declared", "price", ['"1.234,50"', '"9,90"'], [], None, "comma", values=["1234.50", "9.90"])
    yield fields(53, "currency, percent, brackets", "price", [], ["R$ 9.90", "9.90 EUR", "(9.90)", "9.90-", "10%"], "bad_decimal")
    yield fields(54, "too many decimals", "price", ["9.99"], ["9.999"], "bad_decimal")
    yield fields(54, "beyond a double", "price", ["1e300"], ["1e400", "1e-320"], "bad_number", "double")
    yield fields(55, "no number, and infinite", "price", [], ["NaN", "Infinity", "-inf"], "bad_decimal")
    yield fields(56, "no day of the calendar", "day", ["2020-02-29"],
                 ["2018-02-30", "2019-02-29", "2018-13-01", "0000-00-00"], "bad_date")
    yield fields(57, "other formats", "day", [], ["01/02/2018", "1/2/18", "2018.02.01", "20180201"], "bad_date")
    yield fields(57, "another format, declared", "day", ["01/02/2018"], ["2018-02-01"], "bad_date", "formats", values=["2018-02-01"])
    yield fields(58, "formats mixed in one column", "day", ["2018-02-01", "2018-02-02"], ["02/03/2018"], "bad_date")
    yield fields(59, "far days", "at", ["2042-10-17 14:29:05", "1970-01-01 00:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59"],
                 [], None)
    yield fields(59, "far days under a rule", "at", ["2042-10-17 14:29:05", "1970-01-01 00:00:00"], [], None, "future", in_the_future=1)
    yield fields(60, "words for times", "at", [], ["infinity", "now", "today", "epoch"], "bad_timestamp")
    yield fields(61, "24:00 and second 60", "at", [], ["2018-02-03 24:00:00", "2018-02-03 23:59:60"], "bad_timestamp")
    yield fields(61, "24:00, declared", "at", ["2018-02-03 24:00:00"], ["2018-02-03 23:59:60"], "bad_timestamp", "hour24",
                 values=["2018-02-04 00:00:00"])
    zones = ["2018-02-03T10:00:00+03:00", "2018-02-03T10:00:00Z"]
    yield fields(62, "zones in a column without", "at", [], [*zones, "2018-02-03T10:00:00+01:00[Europe/Paris]"], "unexpected_zone")
    yield fields(62, "zones", "at", zones, [], None, "zoned", values=["2018-02-03 07:00:00+00", "2018-02-03 10:00:00+00"])
    yield fields(63, "times that clocks skip or repeat", "at", ["2025-03-30 01:30:00"], ["2025-03-30 02:30:00", "2025-10-26 02:30:00"],
                 "ambiguous_time", "zoned", values=["2025-03-30 00:30:00+00"])
    yield fields(63, "the same, declared", "at", ["2025-10-26 02:30:00"], [], None, "zoned_earlier", values=["2025-10-26 00:30:00+00"])
    yield fields(64, "seconds since 1970", "at", [], ["1517652000", "1517652000000"], "bad_timestamp")
    yield fields(64, "milliseconds, declared", "at", ["1517652000000"], ["99999999999999999"], "bad_timestamp", "epoch_ms",
                 values=["2018-02-03 10:00:00"])
    yield fields(65, "a date alone", "at", ["2018-02-03"], [], None, values=["2018-02-03 00:00:00"], date_only=1)
    yield one(66, "day number of a spreadsheet", csv(row(1), row(2, day="43132")), rejects(1, "bad_date", reason="Excel"))
    yield fields(67, "words for nothing", "name", ["NULL", "\\N", "NA", "", '""'], [], None, values=["NULL", "\\N", "NA", None, ""])
    yield fields(67, "words for nothing, declared", "name", ["NULL", "\\N", "NA", "", '""', "x"], [], None, "nulls",
                 values=[None, None, None, None, "", "x"])
    yield fields(68, "other words for true", "flag", ["true", "false"], ["1", "yes", "sim", "t"], "bad_boolean")
    yield fields(68, "other words for true, declared", "flag", ["sim", "0"], ["true"], "bad_boolean", "booleans", values=[True, False])
    formulas = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx"]
    yield fields(69, "formulas", "name", formulas, [], None, values=formulas)
    odd = ["a\u202eb", "a\u200bb", "pаypal", "e\u0301", "é"]
    yield fields(70, "odd characters", "name", odd, [], None, values=odd)
    yield fields(70, "combining characters, declared", "code", ["e\u0301", "plain", "\u212b", "pаypal"], ["é"], "duplicate_key", "nfc_key",
                 values=["é", "plain", "\u00c5", "pаypal"], composed_text=2)
    hostile = ["<script>alert(1)</script>", "{{7*7}}", "${jndi:ldap://x}", "'; DROP TABLE raw.c; --", "\x1b[31mred"]
    yield fields(71, "hostile text", "name", hostile, [], None, values=hostile)
    yield one(71, "hostile header", csv(row(1) + ",1", header=HEADER + ",<script>'; DROP TABLE x; --\x1b[31m"),
              refused("extra_column"), name="case71_header.csv")
    yield one(72, "no line end at the end", csv(row(1), row(2))[:-1], loads(2))
    yield one(73, "cut in the middle of a record", csv(row(1), row(2))[:-30], rejects(1, "wrong_column_count"))
    yield several(74, "gzip, cut off", cut=(PACKED[:len(PACKED) // 2], refused("broken_stream")),
                  no_trailer=(PACKED[:-8], refused("broken_stream")))
    yield several(75, "gzip, wrong checksum or length", crc=(flipped(PACKED, -8), refused("broken_stream")),
                  length=(flipped(PACKED, -4), refused("broken_stream")))
    yield one(76, "gzip, one bit flipped", flipped(PACKED, len(PACKED) // 2), refused("broken_stream"))
    yield several(77, "gzip, garbage behind it, and several members", garbage=(PACKED + b"garbage", refused("broken_stream")),
                  members=(gzip.compress(csv(row(1))) + gzip.compress(row(2).encode() + b"\n"), loads(2)))
    z = zstd(BIG)
    yield several(78, "zstd, cut off, wrong checksum; empty gzip", good=(z, loads(5000)), cut=(z[:len(z) // 2], refused("broken_stream")),
                  checksum=(flipped(z, -1), refused("broken_stream")), nothing=(gzip.compress(b""), empty(no_bytes=1)))
    yield one(79, "bomb", gzip.compress(csv(row(1)) + b"\n" * 50_000_000), refused("too_large_unpacked"), "bomb")
    yield one(79, "zip", zipped(csv(row(1))), refused("unsupported_compression", "zip"), name="case79_zip.csv")
    for name, data in (("bz2", bz2.compress(BIG)), ("xz", lzma.compress(BIG)), ("lz4", b"\x04\x22\x4d\x18rest"),
                       ("7z", b"7z\xbc\xaf\x27\x1crest"), ("gzgz", gzip.compress(PACKED))):
        yield one(80, f"{name}", data, refused("unsupported_compression"), name=f"case80_{name}.csv")
    for i, name in enumerate(["a b", "100%", "a+b", "a#b", "a?b", "é", "e\u0301", "🙂", "line\nend", "x" * 240]):
        yield one(81, f"odd name {name[:10]!r}", csv(row(1000 + i)), loads(1), name=f"{name}.csv")
    yield one(82, "con.csv", csv(row(2000)), loads(1), name="con.csv")
    yield one(84, "names that differ in case (upper)", csv(row(3000)), loads(1), name="CASE84.csv")
    yield one(84, "names that differ in case (lower)", csv(row(3001)), loads(1), name="case84.csv")
    twice = csv(row(1, name="first"), row(2), row(1, name="again"))
    yield one(85, "key twice in a file", twice, rejects(2, "duplicate_key", reason="line 2"), "key_first")
    yield one(85, "key twice, newest", twice, Fate(rows=2, values={"name": ["Ann", "again"]}), "key_newest")
    yield one(85, "key twice, kept", twice, loads(3), "key_keep")


def millrace_yaml(folder):
    """Writes contracts and project file for all variants."""
    sources = {}
    for name, variant in VARIANTS.items():
        (folder / "contracts" / f"{name}.yaml").write_text(json.dumps(variant.get("contract", contract())))
        sources[name] = {"files": f"landing/{name}/*", "contract": f"contracts/{name}.yaml", "table": f"raw.{name}",
                         **variant.get("source", {})}
    (folder / "millrace.yaml").write_text(json.dumps({"name": "catalogue", "lake": {"url": "./lake"}, "sources": sources}))
