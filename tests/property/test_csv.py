#!/usr/bin/env python3
"""Properties of the strict CSV reader over generated files, valid ones and mutated ones.

For every file: ranges tile it, counts conserve, and any number of threads and size of block gives the same rows, rejects
and flags (tests/property/csv_property.cc checks these). For valid files also: the values, lines and byte ranges are those
that Python's csv module reads. MILLRACE_PROPERTY_FILES says how many, MILLRACE_PROPERTY_SEED from where; a failure prints
the file and its own seed.

  test_csv.py [PROGRAM]
"""
import csv
import io
import json
import os
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = sys.argv[1] if len(sys.argv) > 1 else str(REPOSITORY / "build/dev/tests/csv_property")
FILES = int(os.environ.get("MILLRACE_PROPERTY_FILES", "30000" if os.environ.get("CI") == "true" else "100000"))
SEED = int(os.environ.get("MILLRACE_PROPERTY_SEED", "20261122"))
WORKERS = 2
BATCH = 250

COLUMNS = ["id", "name", "note", "amount"]
CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: property
version: 1.0.0
status: active
schema:
  - name: property
    properties:
      - {name: id, logicalType: integer, required: true}
      - {name: name, logicalType: string}
      - name: note
        logicalType: string
        quality:
          - metric: invalidValues
            arguments: {validValues: [a, ab, "x,y"]}
            mustBe: 0
            severity: warning
      - {name: amount, logicalType: integer}
"""
LINE_ENDS = [b"\n", b"\n", b"\n", b"\r\n", b"\r\n", b"\r"]
PIECES = ["a", "ab", "B", "7", " ", ",", '"', "\n", "\r\n", "\t", ";", "'", "\\", "ä", "漢", "😀", "\u2028", "-", ".", "\x7f",
          "x,y", "NULL", "=1+1", "long " * 12]
POOLED = ["", "", "a", "ab", "x,y", "plain", "two words", '""', "\n"]


def text_of(dice):
    if dice.random() < 0.6:
        return POOLED[int(dice.random() * len(POOLED))]
    return "".join(PIECES[int(dice.random() * len(PIECES))] for _ in range(int(dice.random() * 6) + 1))


def cell(dice, text):
    """As bytes of a file: quoted where it must be, and sometimes where it need not."""
    if dice.random() < 0.15 or '"' in text or "," in text or "\n" in text or "\r" in text:
        # A quote inside an unquoted field is text as well, but only where the field holds nothing else that needs them.
        if '"' in text[1:] and text[0] != '"' and not set(text) & set(",\n\r") and dice.random() < 0.5:
            return text.encode()
        return b'"' + text.replace('"', '""').encode() + b'"'
    return text.encode()


def valid_file(dice):
    """(bytes, [(line, first, length)] of the records)"""
    end = LINE_ENDS[int(dice.random() * len(LINE_ENDS))]
    order = COLUMNS[:]
    if dice.random() < 0.3:
        dice.shuffle(order)
    out = bytearray(b"\xef\xbb\xbf" if dice.random() < 0.05 else b"")
    out += ",".join(order).encode() + end
    line, ranges = 2, []
    rows = int(dice.random() * 9)
    for n in range(rows):
        cells = {"id": str(int(dice.random() * 2000) - 1000), "name": text_of(dice), "note": text_of(dice),
                 "amount": "" if dice.random() < 0.3 else str(int(dice.random() * 10**12))}
        record = b",".join(cell(dice, cells[c]) for c in order)
        last_without_end = n == rows - 1 and dice.random() < 0.25
        ranges.append((line, len(out), len(record) + (0 if last_without_end else len(end))))
        out += record
        # Line ends as the reader counts them: LF, CRLF and CR, also inside quotes.
        line += record.count(b"\n") + record.count(b"\r") - record.count(b"\r\n") + 1
        if not last_without_end:
            out += end
            if dice.random() < 0.05:
                out += end
                line += 1
    return bytes(out), ranges


def mutated(dice, data):
    """One to three accidents."""
    data = bytearray(data)
    for _ in range(int(dice.random() * 3) + 1):
        at = int(dice.random() * (len(data) + 1))
        kind = int(dice.random() * 7)
        if kind == 0:
            data[at:at] = b'"'
        elif kind == 1:
            del data[at:at + 1 + int(dice.random() * 4)]
        elif kind == 2 and at < len(data):
            data[at] ^= 1 << int(dice.random() * 8)
        elif kind == 3:
            data[at:at] = (b",", b"\n", b"\r", b"\0", b"\xff", b"\xc3", b"\r\n\r\n", b'","')[int(dice.random() * 8)]
        elif kind == 4:
            del data[at:]
        elif kind == 5:
            data[at:at] = data[int(dice.random() * (len(data) + 1)):][:20]
        else:
            data += b"9,x,y," if dice.random() < 0.5 else b'"open'
    return bytes(data)


def expected_rows(data):
    """What Python's csv module reads, by the columns of the contract."""
    records = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    header = next(records)
    return [[dict(zip(header, r))[c] for c in COLUMNS] for r in records if r]


def has_stray_quote(record):
    """A quote in a field that is not quoted: part of its text, and flagged."""
    return b'"' in re.sub(rb'(?:(?<=,)|\A)"(?:[^"]|"")*"(?=,|\r|\n|\Z)', b"", record)


def wrong_of_valid(data, ranges, got):
    if "refused" in got:
        return f"a valid file is refused: {got['refused']}"
    if got["rejects"]:
        return f"a valid file has rejects: {got['rejects']}"
    rows = sorted(got["rows"])
    if [tuple(r[:3]) for r in rows] != ranges:
        return f"lines and byte ranges are {[r[:3] for r in rows]}, expected {ranges}"
    expected = expected_rows(data)
    found = [["" if c is None else c for c in r[3:]] for r in rows]
    if found != expected:
        return f"values are {found}, Python's csv reads {expected}"
    flagged = sum(r[5] not in (None, "a", "ab", "x,y") or has_stray_quote(data[r[1]:r[1] + r[2]]) for r in rows)
    return "" if got["flagged"] == flagged else f"{got['flagged']} rows are flagged, expected {flagged}"


def work(contract, first, count):
    """Files first, first + 1, …; (how many valid ones, failures)"""
    child = subprocess.Popen([PROGRAM, contract], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    valid, failures = 0, []
    for begin in range(first, first + count, BATCH):
        files = []
        for number in range(begin, min(begin + BATCH, first + count)):
            dice = random.Random(SEED * 1_000_003 + number)
            data, ranges = valid_file(dice)
            if dice.random() < 0.5:
                data, ranges = mutated(dice, data), None
            files.append((number, data, ranges))
        child.stdin.write(struct.pack("<I", len(files)) +
                          b"".join(struct.pack("<I", len(data)) + data for _, data, _ in files))
        child.stdin.flush()
        for number, data, ranges in files:
            line = child.stdout.readline()
            if not line:
                return valid, [*failures, f"file {number}: the reader ended with {child.wait()} in this batch: {data!r}"]
            got = json.loads(line)
            wrong = got.get("broken", "")
            if not wrong and ranges is not None:
                valid += 1
                wrong = wrong_of_valid(data, ranges, got)
            if wrong:
                failures.append(f"file {number} of seed {SEED} ({'valid' if ranges is not None else 'mutated'}): {wrong}\n"
                                f"  {data!r}")
    child.stdin.close()
    if child.wait() != 0:
        failures.append(f"the reader ended with {child.returncode}")
    return valid, failures


def main():
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="millrace-test-") as folder:
        contract = pathlib.Path(folder) / "contract.yaml"
        contract.write_text(CONTRACT)
        share = (FILES + WORKERS - 1) // WORKERS
        answers = []
        for n in range(WORKERS):  # processes, not threads: the generator is Python
            mine, theirs = os.pipe()
            child = os.fork()
            if child == 0:
                os.close(mine)
                result = work(str(contract), n * share, min(share, FILES - n * share))
                with os.fdopen(theirs, "w") as out:
                    json.dump([result[0], len(result[1]), result[1][:20]], out)
                os._exit(0)
            os.close(theirs)
            answers.append((child, mine))
        valid, failed, failures = 0, 0, []
        for child, mine in answers:
            with os.fdopen(mine) as source:
                text = source.read()
            os.waitpid(child, 0)
            if not text:
                sys.exit("a worker ended without an answer")
            part = json.loads(text)
            valid, failed, failures = valid + part[0], failed + part[1], failures + part[2]
    print(f"{FILES} files, {valid} of them valid, each read in 5 ways, in {time.monotonic() - began:.0f} s; seed {SEED}")
    if failed:
        sys.exit(f"{failed} files failed\n" + "\n".join(failures[:10]))


if __name__ == "__main__":
    main()
