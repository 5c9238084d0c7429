#!/usr/bin/env python3
"""Text of unknown origin on its way to a person: it steers no terminal, and no spreadsheet runs it."""
import csv as csv_module
import io
import pathlib
import sys

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


if __name__ == "__main__":
    main()
