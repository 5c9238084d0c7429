"""The promises I1 to I5 and I10 of the architecture as a function: a state of lake and warehouse in, what is broken out.

    I1 once      per (source, key, sha256) one LOADED ledger row, and the landing table holds the rows that it counts
    I2 conserve  records = loaded + quarantined; the byte ranges of the records tile the file
    I3 atomic    rows, rejects and ledger row appear together or not at all
    I4 no byte   what was delivered stands in landing/, processed/ or quarantine/
    I5 mirror    what stands in processed/ has its ledger row with equal sha256, and the other way round
    I9 rebuild   loading processed/ into an empty warehouse gives the same gold (`Rebuilds`, which starts processes)
    I10 lineage  the bytes that a row names, read again, are the row's values

`check` gives a list of sentences, empty where all is well. The warehouse must not be open in any process.
"""
import collections
import csv
import datetime
import io
import pathlib
import re
import shutil
import tempfile
import threading

from millrace_process import HEADER, Project, ask, sha256, unzstd

LEDGER = ("SELECT file_id, source, key, sha256, size_bytes, state, records, rows_loaded, rows_quarantined, rows_flagged, "
          "rows_superseded, blank_lines, archive_key, moves_from, archived_at IS NOT NULL AS archived FROM millrace.ledger ORDER BY file_id")
ROWS = (f"SELECT _mr_file_id AS file_id, _mr_line AS line, _mr_offset AS first, _mr_length AS length, {HEADER} "
        "FROM raw.orders")
# Rows whose place a newer row with their key has taken: out of the landing table, and not lost.
SUPERSEDED = ("SELECT _mr_file_id AS file_id, _mr_line AS line, _mr_offset AS first, _mr_length AS length "
              "FROM millrace.superseded_orders")
REJECTS = "SELECT file_id, line, byte_offset AS first, byte_length AS length, hex(raw) AS raw FROM millrace.quarantine"
# A row may carry several flags; line 0 is a word on the whole file.
FLAGS = "SELECT file_id, count(DISTINCT line) AS n FROM millrace.flags WHERE line > 0 GROUP BY file_id"
FENCE = "SELECT n FROM millrace.fence"
GENERATIONS = "SELECT generation FROM millrace.generations ORDER BY generation"
TABLES = "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables"


def digest_sql(query):
    """Number and digest of a query's rows, whatever their order."""
    return ("SELECT count(*) AS n, md5(coalesce(string_agg(h, '' ORDER BY h), '')) AS digest "
            f"FROM (SELECT md5(t::VARCHAR) AS h FROM ({query}) t)")


# What must come out the same whatever happened on the way. File ids and times are not part of it.
CONTENT = {
    "gold": "SELECT * FROM gold.v_orders",
    "silver": "SELECT * EXCLUDE (_mr_file_id) FROM silver.orders",
    "raw": "SELECT r.* EXCLUDE (_mr_file_id), l.key, l.sha256 FROM raw.orders r JOIN millrace.ledger l "
           "ON l.file_id = r._mr_file_id",
    "quarantine": "SELECT q.* EXCLUDE (file_id, duplicate_of), l.key, l.sha256 FROM millrace.quarantine q JOIN millrace.ledger l "
                  "USING (file_id)",
    "flags": "SELECT f.* EXCLUDE (file_id), l.key, l.sha256 FROM millrace.flags f JOIN millrace.ledger l USING (file_id)",
    "warnings": "SELECT w.code, w.n, l.key, l.sha256 FROM millrace.warnings w JOIN millrace.ledger l USING (file_id)",
    "ledger": "SELECT source, key, sha256, state, records, rows_loaded, rows_quarantined, rows_flagged, rows_superseded, "
              "blank_lines, code, reason FROM millrace.ledger",
}

# On demand: empty in most projects.
MORE_CONTENT = {
    "superseded": "SELECT s.* EXCLUDE (_mr_file_id, _mr_superseded_by), l.key, l.sha256 FROM millrace.superseded_orders s "
                  "JOIN millrace.ledger l ON l.file_id = s._mr_file_id",
}


def contents(warehouse, *names):
    """{name: (rows, digest)} of what CONTENT describes."""
    names = names or tuple(CONTENT)
    answers = ask(warehouse, *[digest_sql((CONTENT | MORE_CONTENT)[n]) for n in names])
    return {name: (a[0]["n"], a[0]["digest"]) for name, a in zip(names, answers)}


class State:
    """What the warehouse holds; missing tables hold nothing. `contents`: as contents(), if all of it is wanted too."""

    def __init__(self, warehouse, with_contents=False):
        self.contents = None
        self.ledger, self.rows, self.rejects, self.flags, self.fence, self.generations = [], [], [], [], [], []
        self.superseded = []
        parts = {"ledger": ("millrace.ledger", LEDGER), "rows": ("raw.orders", ROWS),
                 "superseded": ("millrace.superseded_orders", SUPERSEDED),
                 "rejects": ("millrace.quarantine", REJECTS), "flags": ("millrace.flags", FLAGS),
                 "fence": ("millrace.fence", FENCE), "generations": ("millrace.generations", GENERATIONS)}
        if not pathlib.Path(warehouse).exists():
            return
        try:
            wanted = [digest_sql(query) for query in CONTENT.values()] if with_contents else []
            answers = ask(warehouse, *[sql for _, sql in parts.values()], *wanted)
            if with_contents:
                self.contents = {name: (a[0]["n"], a[0]["digest"]) for name, a in zip(CONTENT, answers[len(parts):])}
        except RuntimeError as e:
            if "does not exist" not in str(e):
                raise
            there = {r["name"] for r in ask(warehouse, TABLES)[0]}
            parts = {name: part for name, part in parts.items() if part[0] in there}
            answers = ask(warehouse, *[sql for _, sql in parts.values()]) if parts else []
        for name, answer in zip(parts, answers):
            setattr(self, name, answer)


TIERS = re.compile(r"(cold|frozen|restored)/(.*)\.zst")
PACKED = re.compile(r"(processed|unloaded)/.*~\d{6,}z(\.[^/]*)?\.zst")  # by millrace, when it archived the file


def lake_files(lake):
    """{key: bytes as they landed} of all that is no temporary file, whatever millrace has packed since."""
    lake, files = pathlib.Path(lake), {}
    for path in sorted(lake.rglob("*")):
        if not path.is_file() or path.name.startswith("."):
            continue
        key, data = path.relative_to(lake).as_posix(), path.read_bytes()
        if key.endswith(".until") and key.startswith("restored/"):
            continue
        if tier := TIERS.fullmatch(key):
            key, data = tier[2], unzstd(data)
        files[key] = unzstd(data) if PACKED.fullmatch(key) else data
    return files


def check(project, delivered, settled=True, text_of=None):
    """As check_all, without the contents."""
    return check_all(project, delivered, settled, with_contents=False, text_of=text_of)[0]


def check_all(project, delivered, settled=True, with_contents=True, text_of=None):
    """(what is broken, contents()). `delivered`: {key: all bytes that ever landed under it}.

    text_of: gives the text of a file's bytes, which is what offsets are positions in; without it, text and bytes are one.

    settled: the last run ended well, so that nothing may be left in the landing folder. Otherwise the process may have
    died anywhere, and the warehouse is looked at in a copy, so that looking repairs nothing.
    """
    if settled:
        state = State(project.warehouse, with_contents)
    else:
        with tempfile.TemporaryDirectory(prefix="millrace-look-") as folder:
            for path in project.folder.glob("warehouse.duckdb*"):
                shutil.copy2(path, folder)
            state = State(pathlib.Path(folder) / "warehouse.duckdb")
    files = lake_files(project.lake)
    broken = [*once(state, delivered, settled), *conserve(state, files, text_of or (lambda data: data)), *atomic(state),
              *no_byte_lost(state, files, delivered), *mirror(state, files, settled)]
    if text_of is None:  # the lines of packed files and of other formats are not CSV as it stands
        broken += lineage(state, files)
    if settled:
        broken += [f"landing: {key} was left behind" for key in files if key.startswith("landing/")]
        broken += [f"lake: temporary file {p.name} was left behind" for p in project.lake.rglob(".*") if p.is_file()]
        broken += [f"spool: {p.name} was left behind" for p in (project.folder / ".millrace/spool").glob("*")]
    return broken, state.contents


def once(state, delivered, settled):
    loaded = [e for e in state.ledger if e["state"] == "loaded"]
    for what, n in collections.Counter((e["source"], e["key"], e["sha256"]) for e in loaded).items():
        if n > 1:
            yield f"I1: {what[1]} with sha256 {what[2][:8]} is LOADED {n} times"
    for what, n in collections.Counter((e["source"], e["sha256"]) for e in loaded if e["size_bytes"]).items():
        if n > 1:
            yield f"I1: the bytes {what[1][:8]} are LOADED under {n} names"
    for what, n in collections.Counter((e["source"], e["key"]) for e in loaded).items():
        if n > 1:
            yield f"I1: {n} versions of {what[1]} are LOADED"
    rows = collections.Counter(r["file_id"] for r in state.rows)
    aside = collections.Counter(r["file_id"] for r in state.superseded)
    for e in state.ledger:
        counted = e["rows_loaded"] - e["rows_superseded"] if e["state"] == "loaded" else 0
        if aside[e["file_id"]] != e["rows_superseded"]:
            yield (f"I1: file {e['file_id']} ({e['key']}) has {aside[e['file_id']]} superseded rows, the ledger says "
                   f"{e['rows_superseded']}")
        if rows[e["file_id"]] != counted:
            yield (f"I1: file {e['file_id']} ({e['key']}, {e['state']}) has {rows[e['file_id']]} rows in the landing table, "
                   f"expected {counted}")
    for what, n in collections.Counter((r["file_id"], r["line"]) for r in state.rows).items():
        if n > 1:
            yield f"I1: file {what[0]}, line {what[1]} stands in the landing table {n} times"
    if settled:
        # By their bytes: of a repetition no copy is kept, so a ledger made anew knows it under its first name.
        digests = {e["sha256"] for e in state.ledger}
        for key, versions in delivered.items():
            for data in versions:
                if sha256(data) not in digests:
                    yield f"I1: {key} with sha256 {sha256(data)[:8]} was delivered and is not in the ledger"


LINE_ENDS = re.compile(rb"(\r\n|\n|\r)*")
BLANKS = re.compile(rb"\r\n|\n|\r")


def conserve(state, files, text_of):
    ranges = collections.defaultdict(list)
    rejects = collections.Counter(r["file_id"] for r in state.rejects)
    for r in [*state.rows, *state.superseded, *state.rejects]:
        ranges[r["file_id"]].append((r["first"], r["length"], r["line"], r.get("raw")))
    for e in state.ledger:
        name = f"file {e['file_id']} ({e['key']})"
        if e["records"] != e["rows_loaded"] + e["rows_quarantined"]:
            yield f"I2: {name}: {e['records']} records, but {e['rows_loaded']} loaded + {e['rows_quarantined']} quarantined"
        held = 0 if e["state"] in ("unloaded", "replay") else e["rows_quarantined"]
        if rejects[e["file_id"]] != held:
            yield (f"I2: {name} has {rejects[e['file_id']]} rows in the quarantine table, expected "
                   f"{held}")
        data = next((files[k] for k in (e["archive_key"], e["key"]) if k in files and sha256(files[k]) == e["sha256"]), None)
        if data is not None and e["state"] == "loaded":
            yield from (f"I2: {name}: {what}" for what in tiles(text_of(data), sorted(ranges[e["file_id"]]), e["blank_lines"]))


def tiles(data, ranges, blank_lines):
    """Header, records and blank lines must cover the bytes without gap or overlap."""
    at, lines, blank = 0, 1, 0
    # The tests' headers are one line; JSON lines have none.
    start = 0 if data.startswith(b"{") else data.find(b"\n") + 1 or len(data)
    if not ranges or ranges[0][0] < start:
        yield f"the first record begins at byte {ranges[0][0] if ranges else None}, the header ends at {start}"
        return
    at = start
    lines += 1 if start else 0
    for first, length, line, raw in ranges:
        gap = data[at:first]
        if first < at or not LINE_ENDS.fullmatch(gap):
            yield f"bytes {at} to {first} belong to no record, or to two: {gap[:40]!r}"
            return
        blank += len(BLANKS.findall(gap))
        lines += len(BLANKS.findall(gap))
        record = data[first:first + length]
        if len(record) != length:
            yield f"a record of bytes {first} to {first + length} lies behind the end of the file"
            return
        if line != lines:
            yield f"the record at byte {first} stands in line {lines}, but says {line}"
        if raw is not None and re.sub(rb"(\r\n|\n|\r)\Z", b"", record) != bytes.fromhex(raw):
            yield f"the raw bytes of line {line} are not those of the file: {bytes.fromhex(raw)[:60]!r}"
        lines += len(BLANKS.findall(record))
        at = first + length
    if not LINE_ENDS.fullmatch(data[at:]):
        yield f"the bytes from {at} on belong to no record: {data[at:at + 40]!r}"
    blank += len(BLANKS.findall(data[at:]))
    if blank != blank_lines:
        yield f"{blank} blank lines, the ledger says {blank_lines}"


COLUMNS = HEADER.split(",")


def canonical(column, text):
    """A cell as both sides are compared: of a file's text, or of what the warehouse answers."""
    if text is None or text == "":
        return None
    if column.endswith("_date"):  # files write 2014-9-3 as well
        day, fraction = re.match(r"(\d+-\d+-\d+[ T]\d+:\d+:\d+)(?:\.(\d+))?$", text).groups()
        return datetime.datetime(*map(int, re.split(r"\D", day)), int((fraction or "0").ljust(6, "0")))
    return int(text) if column.endswith("_id") else text


def lineage(state, files):
    data = {e["file_id"]: next((files[k] for k in (e["archive_key"], e["key"]) if k in files and
                                sha256(files[k]) == e["sha256"]), None) for e in state.ledger}
    orders = {}  # of the columns in each file
    for r in state.rows:
        if data.get(r["file_id"]) is None:
            continue  # I4 tells of it
        whole = data[r["file_id"]]
        if r["file_id"] not in orders:
            orders[r["file_id"]] = next(csv.reader(io.StringIO(whole.split(b"\n", 1)[0].decode().strip())))
        try:
            cells = next(csv.reader(io.StringIO(whole[r["first"]:r["first"] + r["length"]].decode(), newline="")))
            found = dict(zip(orders[r["file_id"]], cells))  # a file may lack a column, or have one more
            read = {c: canonical(c, found.get(c)) for c in COLUMNS}
        except (ValueError, AttributeError, StopIteration) as e:
            read = {"": e}
        held = {c: canonical(c, r[c]) for c in COLUMNS}
        if read != held:
            yield (f"I10: file {r['file_id']}, line {r['line']}: bytes {r['first']} to {r['first'] + r['length']} read "
                   f"{read}, the row holds {held}")


class Rebuilds:
    """I9, started from many threads: each state of processed/ is rebuilt once."""

    def __init__(self, folder):
        self.folder, self.known, self.lock = pathlib.Path(folder), {}, threading.Lock()

    def check(self, project, got):
        """What is broken. `got`: the project's contents()."""
        files = {k: d for k, d in lake_files(project.lake).items() if k.startswith("processed/")}
        # The order of the ids decides, not the ids: a run that was cut and repeated gives others.
        names = sorted(files, key=lambda k: int(re.search(r"~(\d+)", k)[1]))
        state = tuple((re.sub(r"~\d+|dt=[^/]*", "", k), sha256(files[k])) for k in names)
        with self.lock:
            if state not in self.known:
                self.known[state] = self.rebuild(project, len(self.known))
            rebuilt = self.known[state]
        for what in ("gold", "silver"):
            if rebuilt[what] != got[what]:
                yield (f"I9: processed/ loaded into an empty warehouse gives other {what}: {rebuilt[what]}, expected "
                       f"{got[what]}")

    def rebuild(self, project, number):
        copy = Project(self.folder / f"rebuild-{number}", fresh=False)
        shutil.copytree(project.folder, copy.folder, ignore=shutil.ignore_patterns("warehouse.duckdb*", "landing"))
        copy.landing.mkdir(parents=True)
        for command in ("load", "build"):
            done = copy.run(command)
            if done.code != 0:
                raise AssertionError(f"I9: {done}")
        got = contents(copy.warehouse, "gold", "silver")
        shutil.rmtree(copy.folder)
        return got


def atomic(state):
    known = {e["file_id"]: e for e in state.ledger}
    for what, found in (("landing", state.rows), ("superseded", state.superseded), ("quarantine", state.rejects),
                        ("flags", state.flags)):
        for file_id in sorted({r["file_id"] for r in found} - set(known)):
            yield f"I3: file {file_id} has rows in the {what} table and none in the ledger"
    if len(known) != len(state.ledger):
        yield "I3: two ledger rows have one file id"
    fence = [f["n"] for f in state.fence]
    # Above the rows' number where a ledger was made anew: ids that names in the lake carry are not given again.
    if state.ledger and (len(fence) != 1 or fence[0] < max(known)):
        yield f"I3: the fence is at {fence}, the newest file has the id {max(known)}"
    flags = {f["file_id"]: f["n"] for f in state.flags}
    for e in state.ledger:
        if e["state"] not in ("unloaded", "replay") and flags.get(e["file_id"], 0) != e["rows_flagged"]:
            yield f"I3: file {e['file_id']} has {flags.get(e['file_id'], 0)} flags, the ledger says {e['rows_flagged']}"
    numbers = [g["generation"] for g in state.generations]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"I3: generations are {numbers}, expected each number once"


def no_byte_lost(state, files, delivered):
    held = {sha256(data) for data in files.values()}
    for key, versions in delivered.items():
        for data in versions:
            if sha256(data) not in held:
                yield f"I4: the bytes {sha256(data)[:8]} of {key} are nowhere in the lake"
    for e in state.ledger:
        if e["sha256"] not in held:
            yield f"I4: the ledger knows {e['key']} with sha256 {e['sha256'][:8]}, whose bytes are nowhere in the lake"


def mirror(state, files, settled):
    archived = collections.defaultdict(set)
    for e in state.ledger:
        archived[e["archive_key"]].add(e["sha256"])
        if not e["archived"] and e["moves_from"]:
            archived[e["moves_from"]].add(e["sha256"])  # on its way to unloaded/, or back
        kept = files.get(e["archive_key"])
        if e["archived"] and kept is None:
            yield f"I5: {e['archive_key']} is gone, the ledger says it is archived"
        elif settled and not e["archived"]:
            yield f"I5: {e['key']} (file {e['file_id']}) is not marked as archived"
    for key, data in files.items():
        if key.startswith(("processed/", "quarantine/", "unloaded/")) and sha256(data) not in archived[key]:
            yield f"I5: {key} has no ledger row with sha256 {sha256(data)[:8]}"
