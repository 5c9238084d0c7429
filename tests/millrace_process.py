"""Drives the millrace binary from outside, as a user does: projects in temporary folders, processes, HTTP, warehouse.

MILLRACE_BIN names the binary, MILLRACE_WAREHOUSE_QUERY the helper of tests/warehouse_query.cc; without them those of the
checkout (bin/, build/dev/) are used.
"""
import ctypes
import ctypes.util
import hashlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent
BINARY = os.environ.get("MILLRACE_BIN", str(REPOSITORY / "bin/millrace"))
QUERY = os.environ.get("MILLRACE_WAREHOUSE_QUERY", str(REPOSITORY / "build/dev/tests/warehouse_query"))
REAL_ORDERS = pathlib.Path(os.environ.get("MILLRACE_ORDERS_SAMPLE", REPOSITORY.parent / "shared/data/orders_sample.csv"))

HEADER = ("order_id,source,customer_id,payment_id,voucher_id,product_id,website,order_status,voucher_status,"
          "payment_status,order_date,payment_date")
PATIENCE = 120.0  # seconds until a test gives up on something that takes milliseconds


def row(order_id, customer_id=7, website="VVNL", order_date="2018-07-12 17:33:04.000", **other):
    """One good record, or a broken one: any column may be given as text."""
    cells = {"order_id": order_id, "source": "services", "customer_id": customer_id, "payment_id": 3, "voucher_id": "",
             "product_id": "", "website": website, "order_status": "PAID", "voucher_status": "", "payment_status": "PAID",
             "order_date": order_date, "payment_date": "2018-07-13 08:12:33.000", **other}
    return ",".join(str(cells[name]) for name in HEADER.split(","))


def csv(rows, header=HEADER, line_end="\n"):
    return (line_end.join([header, *rows]) + line_end).encode()


def orders(first, count, **cells):
    """The bytes of a clean file with the order ids first, first + 1, …"""
    return csv(row(i, **cells) for i in range(first, first + count))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def unzstd(data):
    """All frames of a zstd file, unpacked; Python's library has no zstd."""
    library = ctypes.CDLL(ctypes.util.find_library("zstd"))
    for function in ("ZSTD_findFrameCompressedSize", "ZSTD_getFrameContentSize", "ZSTD_decompress"):
        getattr(library, function).restype = ctypes.c_ulonglong
    out = []
    while data:
        size = library.ZSTD_findFrameCompressedSize(data, ctypes.c_size_t(len(data)))
        if size > len(data):
            raise ValueError("no zstd frame, or a damaged one")
        frame, data = data[:size], data[size:]
        if frame[1:4] == b"\x2a\x4d\x18":  # a frame to skip
            continue
        text = ctypes.create_string_buffer(library.ZSTD_getFrameContentSize(frame, ctypes.c_size_t(len(frame))) + 1)
        n = library.ZSTD_decompress(text, ctypes.c_size_t(len(text)), frame, ctypes.c_size_t(len(frame)))
        if n > len(text):
            raise ValueError("a zstd frame is damaged")
        out.append(text.raw[:n])
    return b"".join(out)


def environment(**more):
    env = {k: v for k, v in os.environ.items() if not k.startswith("MILLRACE_FAILPOINT")}
    return {**env, **more}


def wait_until(condition, what, seconds=PATIENCE, context=lambda: ""):
    """Waits for a true value and gives it."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds:g} s for {what}\n{context()}")
        time.sleep(0.01)


class Done:
    """A command that has ended. Negative codes are signals."""

    def __init__(self, words, process):
        self.words, self.code, self.out, self.err = words, process.returncode, process.stdout, process.stderr

    def __str__(self):
        return f"millrace {' '.join(self.words)}: exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"

    @property
    def json(self):
        return json.loads(self.out)


def millrace(*words, env=None, cwd=None, seconds=300):
    words = [str(w) for w in words]
    try:
        process = subprocess.run([BINARY, *words], capture_output=True, text=True, encoding="utf-8", errors="replace",
                                 env=environment(**(env or {})), cwd=cwd, timeout=seconds, check=False)
    except subprocess.TimeoutExpired as e:
        told = b"\n".join(s for s in (e.stdout, e.stderr) if s).decode(errors="replace")
        raise AssertionError(f"millrace {' '.join(words)}: did not end within {seconds:g} s; it said:\n{told}") from None
    return Done(words, process)


def ask(warehouse, *statements):
    """The rows of each statement, as lists of dicts. No process may have the warehouse open."""
    done = subprocess.run([QUERY, str(warehouse), *statements], capture_output=True, text=True, env=environment(),
                          timeout=300, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.split("\n") if line]


class Project:
    """The orders example in a folder of its own."""

    def __init__(self, folder, fresh=True):
        self.folder = pathlib.Path(folder)
        self.lake = self.folder / "lake"
        self.landing = self.lake / "landing/orders"
        self.warehouse = self.folder / "warehouse.duckdb"
        if fresh:
            done = millrace("init", self.folder)
            if done.code != 0:
                raise AssertionError(str(done))

    def copy_to(self, folder):
        """A copy that keeps the times of all files."""
        shutil.copytree(self.folder, folder)
        return Project(folder, fresh=False)

    def drop(self, name, data, age=60.0):
        """Lets a file land, whole; `age` seconds old, so that nobody has to wait for it to settle."""
        hidden = self.landing / f".{name}.part"
        hidden.write_bytes(data)
        when = time.time() - age
        os.utime(hidden, (when, when))
        hidden.rename(self.landing / name)

    def run(self, *words, env=None, seconds=300):
        at = 2 if words[0] in ("contract", "lake") else 1  # a group's own commands take the options
        return millrace(*words[:at], "--project", self.folder, *words[at:], env=env, seconds=seconds)

    def ask(self, *statements):
        return ask(self.warehouse, *statements)

    def up(self, env=None):
        return Up(self, env)

    def serve(self, env=None):
        return Up(self, env, "serve")

    def edit(self, path, old, new):
        file = self.folder / path
        text = file.read_text()
        if old not in text:
            raise AssertionError(f"{path} does not hold {old!r}")
        file.write_text(text.replace(old, new))

    def landed(self):
        return sorted(p.name for p in self.landing.iterdir())

    def files_in(self, area):
        """{name without date and source: bytes} of lake/processed or lake/quarantine."""
        return {p.name: p.read_bytes() for p in sorted((self.lake / area).rglob("*")) if p.is_file()}

    def forget_warehouse(self):
        for path in (self.warehouse, pathlib.Path(f"{self.warehouse}.wal")):
            path.unlink(missing_ok=True)


class Up:
    """`millrace up --json` as a context manager; what it says is collected as it comes."""

    def __init__(self, project, env=None, command="up"):
        self.project, self.events, self.not_json, self.talk = project, [], [], []
        self._lock = threading.Lock()
        self.process = subprocess.Popen(
            [BINARY, command, "--project", str(project.folder), "--json", "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace",
            env=environment(**(env or {})))
        self._threads = [threading.Thread(target=self._collect, args=(self.process.stdout, self._take), daemon=True),
                         threading.Thread(target=self._collect, args=(self.process.stderr, self.talk.append), daemon=True)]
        for thread in self._threads:
            thread.start()

    def _collect(self, stream, take):
        for line in stream:
            take(line.rstrip("\n"))
        stream.close()

    def _take(self, line):
        try:
            event = json.loads(line)
        except ValueError:
            self.not_json.append(line)
            return
        with self._lock:
            self.events.append(event)

    def all(self, kind, **wanted):
        """The bodies of the events of a kind whose members have these values."""
        with self._lock:
            bodies = [e[kind] for e in self.events if e.get("event") == kind]
        return [b for b in bodies if all(b.get(k) == v for k, v in wanted.items())]

    def wait_for(self, kind, seconds=PATIENCE, **wanted):
        """The first such event; fails at once when the process has ended without it."""
        def look():
            ended = self.process.poll() is not None
            found = self.all(kind, **wanted)
            if not found and ended:
                self._join()
                found = self.all(kind, **wanted)
                if not found:
                    raise AssertionError(f"the process ended without the event {kind} {wanted}\n{self.story()}")
            return found
        return wait_until(look, f"the event {kind} {wanted}", seconds, self.story)[0]

    def wait_for_end(self, seconds=PATIENCE):
        self.process.wait(seconds)
        self._join()
        return self.process.returncode

    @property
    def address(self):
        return self.wait_for("serving")["address"]

    def connection(self, seconds=PATIENCE):
        return http.client.HTTPConnection(self.address, timeout=seconds)

    def get(self, path):
        """(status, headers, document)"""
        connection = self.connection()
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.headers, json.loads(response.read())
        finally:
            connection.close()

    def served(self):
        """(generation, count) that the API answers with."""
        status, headers, page = self.get("/orders/?limit=0")
        if status != 200:
            raise AssertionError(f"GET /orders/: {status} {page}\n{self.story()}")
        return int(headers["X-Millrace-Generation"]), page["count"]

    def stop(self):
        """Ctrl-C; gives the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.wait_for_end()

    def kill(self):
        self.process.kill()
        self.wait_for_end()

    def _join(self):
        for thread in self._threads:
            thread.join(PATIENCE)

    def story(self):
        with self._lock:
            events = "\n".join(json.dumps(e) for e in self.events)
        return (f"millrace up: exit code {self.process.poll()}\n--- stdout\n{events}\n" +
                "".join(f"(not JSON) {line}\n" for line in self.not_json) + "--- stderr\n" + "\n".join(self.talk))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.wait_for_end()


class ProcessTest(unittest.TestCase):
    """A test with a temporary folder, removed when it ends."""
    maxDiff = None

    def setUp(self):
        for tool in (BINARY, QUERY):
            self.assertTrue(os.access(tool, os.X_OK), f"{tool} cannot be run: build first, or set MILLRACE_BIN and "
                                                      "MILLRACE_WAREHOUSE_QUERY")
        folder = tempfile.TemporaryDirectory(prefix="millrace-test-")
        self.addCleanup(folder.cleanup)
        self.temp = pathlib.Path(folder.name).resolve()

    def project(self, name="orders"):
        return Project(self.temp / name)

    def ok(self, done, code=0):
        """The command ended with this exit code."""
        self.assertEqual(done.code, code, str(done))
        return done

    def stopped(self, up):
        """Ctrl-C ended the process cleanly."""
        self.assertEqual(up.stop(), 0, up.story())
        self.assertEqual(up.not_json, [], "stdout of --json holds JSON only")
        self.assertEqual(up.all("error"), [], up.story())


def main():
    unittest.main(verbosity=2)
