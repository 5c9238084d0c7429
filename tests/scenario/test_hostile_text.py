#!/usr/bin/env python3
"""Text of unknown origin on its way to a person: it steers no terminal, and no spreadsheet runs it."""
import csv as csv_module
import io
import pathlib
import sys
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_process import HEADER, ProcessTest, csv, main, millrace, row  # noqa: E402

STEERING = [*range(0x20), *range(0x7f, 0xa0), 0x61c, 0x200e, 0x200f, 0xfeff, *range(0x2028, 0x202f), *range(0x2066, 0x2070)]
EVIL = "\u009b31m\u202egnp\x1b]0;t\x07\u2066\u2028"


class HostileText(ProcessTest):
    def harmless(self, done, code=None):
        """Nothing that steers a terminal stands in what was told but line ends."""
        if code is not None:
            self.ok(done, code)
        found = {hex(ord(c)) for c in done.out + done.err if ord(c) in STEERING and c != "\n"}
        self.assertEqual(found, set(), str(done).encode("unicode_escape").decode())
        return done

    def test_data_names_headers_and_contracts_do_not_steer_the_terminal(self):
        p = self.project()
        name = f"a{EVIL.replace(chr(0x2028), '')}.csv"
        p.drop(name, csv([row(100), row(101, order_date=EVIL), row(102, website=""), row(EVIL)]))
        p.drop("b.csv", csv([row(7)], header=HEADER + "," + EVIL))
        self.assertIn("\\u009b31m\\u202egnp", self.harmless(p.run("load"), 1).out)
        for words in (["quarantine", "list"], ["quarantine", "list", "--summary"], ["quarantine", "list", "--json"],
                      ["quarantine", "show", "2:3"], ["quarantine", "show", f"{name}:3"], ["trace", "orders", "100"],
                      ["trace", "orders", EVIL.replace("\x1b", "")], ["quarantine", "replay"], ["contract", "verify", "--json"],
                      ["quarantine", "list", "--file", EVIL], ["quarantine", "list", "--code", EVIL],
                      ["unload", EVIL], ["doctor"], ["trace", EVIL, "1"]):
            self.harmless(p.run(*words))
        self.assertEqual(p.run("quarantine", "list", "--json").json[0]["raw"].count(EVIL), 1, "JSON gives the text itself")
        bad = self.temp / f"c{EVIL}.csv"
        bad.write_bytes(b'"x,"\n' + EVIL.encode() + b",1\n")
        self.harmless(millrace("contract", "verify", "--contract", p.folder / "contracts/orders.yaml", bad))
        p.edit("contracts/orders.yaml", "logicalType: integer", f'logicalType: "{EVIL.encode("unicode_escape").decode()}"')
        self.harmless(p.run("load"), 2)
        (p.folder / "millrace.yaml").write_text(f'name: x\n"k{EVIL.encode("unicode_escape").decode()}": 1\n')
        self.harmless(p.run("load"), 2)

    def test_an_export_for_a_spreadsheet_holds_no_formula_and_can_be_undone(self):
        p = self.project()
        starts = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "\uff1d1", '"=1"', "plain"]
        lines = [row(f"{s} and more") for s in starts]
        p.drop("a.csv", csv(lines))
        self.ok(p.run("load"))
        safe, raw, same = (list(csv_module.DictReader(io.StringIO(self.ok(p.run("quarantine", "export", *words)).out, newline="")))
                           for words in ([], ["--raw"], ["--format", "csv"]))
        self.assertEqual([r["raw"] for r in raw], lines)
        self.assertEqual(same, safe)
        for r, line in zip(safe, lines):
            self.assertNotIn(r["raw"][0], "=+-@\t\r\n\uff1d", r)
            self.assertEqual(r["raw"].removeprefix("'"), line, "one apostrophe taken off gives the bytes back")
        self.assertEqual(safe[-1]["raw"], lines[-1], "what is harmless is left alone")

    def test_carets_stand_under_the_field_whatever_is_written_before_it(self):
        p = self.project()
        before = ["plain", "S\u00e3o", "e\u0301e\u0301", "\u65e5\u672c\u8a9e", "\U0001f642x", "a\tb", '"a,b ""c"" d"', "\u202ea", "\uff11\uff12", '"a\nb"']
        p.drop("a.csv", csv(row(i, source=s, order_date="so,on".join('""')) for i, s in enumerate(before)))
        self.ok(p.run("load"))
        rejects = self.ok(p.run("quarantine", "list", "--json")).json
        self.assertEqual([r["column"] for r in rejects], ["order_date"] * len(before))
        for r, source in zip(rejects, before):
            _, raw, marks, *_ = self.ok(p.run("quarantine", "show", f"a.csv:{r['line']}")).out.splitlines()
            marked = "".join(c for c, m in zip(self.cells(raw), marks.ljust(1000)) if m == "^")
            self.assertEqual(marked, '"so,on"', f"{source!r}\n{raw}\n{marks}")

    @staticmethod
    def cells(text):
        """The text as a terminal lays it out: a wide character takes two cells, a combining one none."""
        cells = []
        for c in text:
            if unicodedata.combining(c):
                continue
            cells += [c, ""] if unicodedata.east_asian_width(c) in "WF" else [c]
        return cells

    def test_carets_of_a_key_stand_under_each_of_its_fields(self):
        p = self.project()
        p.edit("contracts/orders.yaml", "      - name: source\n        logicalType: string\n",
               "      - name: source\n        logicalType: string\n        primaryKey: true\n        primaryKeyPosition: 2\n")
        p.edit("contracts/orders.yaml", "        unique: true\n", "        primaryKeyPosition: 1\n")
        p.drop("a.csv", csv([row(1), row(1)]))
        self.ok(p.run("load"))
        _, raw, marks, *_ = self.ok(p.run("quarantine", "show", "a.csv:3")).out.splitlines()
        self.assertEqual("".join(c for c, m in zip(raw, marks.ljust(1000)) if m == "^"), "1services", f"{raw}\n{marks}")


if __name__ == "__main__":
    main()
