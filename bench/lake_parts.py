"""The parts of bench/lake: each measures one question and adds its lines to the table at the end."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import measure

MEGABYTES_PER_SECOND, FIRST_BYTE_MS = 50, 30  # of one connection through the relay
BUCKET = "bench"


class Bench:
    """The gateway, the relay, an object, and the table."""

    def __init__(self, root, options):
        sys.path[:0] = [str(root / "tests/s3"), str(root / "tests")]
        import rgw
        import signed_calls
        self.root, self.options = root, options
        self.millrace = options.build / "src/app/millrace"
        self.reader, self.relay_program = options.build / "bench/s3_read", options.build / "bench/relay"
        self.gateway, self.calls, self.relay, self.table = rgw.Rgw(), signed_calls, None, []

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="millrace-bench-", dir="/dev/shm")
        self.work = pathlib.Path(self.folder.name)
        self.gateway.__enter__()
        self.admin = self.calls.Caller(self.gateway.endpoint, self.gateway.access_key, self.gateway.secret_key)
        # An environment without anything that would send one of the programs elsewhere.
        self.env = self.gateway.environment()
        self.env.update(NO_PROXY="*", no_proxy="*")
        return self

    def __exit__(self, *_):
        if self.relay:
            self.relay.stdin.close()
            self.relay.wait(10)
        self.gateway.__exit__()
        self.folder.cleanup()

    def object(self):
        """The key of an object of the size that was asked for, which anybody may read; made once."""
        if not hasattr(self, "key"):
            self.key = f"object-{self.options.mib}"
            self.must(200, "PUT", f"/{BUCKET}")
            policy = {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}]}
            self.must(204, "PUT", f"/{BUCKET}", {"policy": ""}, json.dumps(policy))
            file = self.work / "object"
            with open(file, "wb") as out:  # in pieces: a child's peak memory counts ours from before its exec
                for _ in range(self.options.mib):
                    out.write(os.urandom(1 << 20))
            self.upload(file, self.key)
            file.unlink()
        return self.key

    def must(self, status, *call):
        answer = self.admin.call(*call)
        if answer.status != status and not (answer.status == 409 and "BucketAlready" in answer.text):
            sys.exit(f"{call[0]} {call[1]}: {answer}")
        return answer

    def upload(self, file, key):
        measure.run(["aws", "--endpoint-url", self.gateway.endpoint, "s3", "cp", "--only-show-errors", file,
                     f"s3://{BUCKET}/{key}"], env=self.env)

    def slow_endpoint(self):
        """The gateway behind the relay."""
        if not self.relay:
            host = self.gateway.endpoint.removeprefix("http://").replace("localhost", "127.0.0.1")
            self.relay = subprocess.Popen([self.relay_program, "0", host, str(MEGABYTES_PER_SECOND), str(FIRST_BYTE_MS)],
                                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self.slow = f"http://127.0.0.1:{int(self.relay.stdout.readline())}"
        return self.slow

    def ours(self, endpoint, *file):
        run = measure.run([self.reader, endpoint, BUCKET, self.object(), *file], env=self.env)
        size = int(run.out.split()[0])
        if size != self.options.mib << 20:
            sys.exit(f"s3_read read {size} bytes of {self.options.mib << 20}")
        return run

    def curl(self, endpoint):
        run = measure.run(["curl", "--silent", "--show-error", "--fail", "--noproxy", "*", "-o", "/dev/null", "-w", "%{size_download}",
                           f"{endpoint}/{BUCKET}/{self.object()}"], env=self.env)
        if int(run.out) != self.options.mib << 20:
            sys.exit(f"curl read {run.out} bytes of {self.options.mib << 20}")
        return run

    def against(self, name, what, ours, theirs, yardstick, goal):
        """Runs the two in turn, the first one changing, and adds their line."""
        ours(), theirs()  # both warm
        mine, rival = [], []
        for number in range(self.options.rounds):
            for who, into in ((ours, mine), (theirs, rival))[::1 if number % 2 == 0 else -1]:
                into.append(who())
            print(f"{name:<9} round {number + 1}: millrace {self.shown(mine[-1])}, {yardstick} {self.shown(rival[-1])}")
        ratio = measure.spread([r.wall / m.wall for m, r in zip(mine, rival)])
        self.table.append((what, self.speeds(mine), self.speeds(rival), f"{ratio} times as fast", goal))
        self.table.append(("  peak memory", f"{max(m.peak_mb for m in mine):.0f} MB",
                           f"{max(r.peak_mb for r in rival):.0f} MB", "", "bounded"))

    def shown(self, run):
        return f"{run.wall:.2f} s ({run.cpu:.2f} cpu, {run.peak_mb:.0f} MB)"

    def speeds(self, runs):
        return measure.spread([self.options.mib * 1.048576 / r.wall for r in runs]) + " MB/s"

    def print_table(self):
        titles = ("question", "millrace", "yardstick", "ratio", "goal")
        rows = [titles, *self.table]
        widths = [max(len(r[c]) for r in rows) for c in range(len(titles))]
        print()
        for number, row in enumerate(rows):
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
            if number == 0:
                print("  ".join("-" * width for width in widths))


def capped(b):
    slow = b.slow_endpoint()
    b.against("capped", f"{b.options.mib} MiB at {MEGABYTES_PER_SECOND} MB/s a connection, against curl",
              lambda: b.ours(slow), lambda: b.curl(slow), "curl", "5 or more")


def loopback(b):
    fast = b.gateway.endpoint
    b.against("loopback", f"{b.options.mib} MiB on loopback, against curl", lambda: b.ours(fast), lambda: b.curl(fast), "curl",
              "0.9 or more")


def copy(b):
    """Both write a file in memory; removed before each run."""
    fast, file = b.gateway.endpoint, b.work / "copy"

    def theirs():
        file.unlink(missing_ok=True)
        return measure.run(["aws", "--endpoint-url", fast, "s3", "cp", "--only-show-errors", f"s3://{BUCKET}/{b.object()}", file],
                           env=b.env)

    def ours():
        file.unlink(missing_ok=True)
        return b.ours(fast, file)

    b.against("copy", f"{b.options.mib} MiB into a file, against aws s3 cp", ours, theirs, "aws s3 cp", "0.9 or more")
    file.unlink(missing_ok=True)


def load(b):
    """A fresh project for each run; the file is the same, and is in the page cache or in the gateway's memory."""
    (b.work / "data").mkdir()
    measure.run([b.millrace, "sample", "--rows", str(b.options.rows), "--files", "1", "--defects", "0.001", "--out", b.work / "data"])
    file = next((b.work / "data").glob("*.csv"))
    b.must(200, "PUT", f"/{BUCKET}")
    counts = []

    def project(name):
        folder = b.work / name
        shutil.rmtree(folder, ignore_errors=True)
        measure.run([b.millrace, "init", folder])
        return folder

    def run(folder):
        done = measure.run([b.millrace, "load", "--json", "--project", folder], env=b.env)
        document = json.loads(next(line for line in done.out.splitlines() if line.startswith("{")))
        counts.append(sum(f.get("rows_loaded", 0) for f in document["files"]))
        if counts[-1] != counts[0] or not counts[0]:
            sys.exit(f"the two loads differ, no time is worth reporting: {counts}")
        shutil.rmtree(folder)
        return done

    def local():
        folder = project("local")
        shutil.copyfile(file, folder / "lake/landing/orders" / file.name)
        measure.warm(folder / "lake/landing/orders" / file.name)
        return run(folder)

    def remote():
        folder = project("remote")
        prefix = f"load-{len(counts)}"
        b.upload(file, f"{prefix}/landing/orders/{file.name}")
        text = (folder / "millrace.yaml").read_text()
        old = next(line for line in text.splitlines() if line.startswith("  url: ./lake"))
        (folder / "millrace.yaml").write_text(text.replace(
            old, f"  url: s3://{BUCKET}/{prefix}\n  endpoint: {b.gateway.endpoint}\n  region: us-east-1\n  path_style: true"))
        return run(folder)

    remote(), local()  # both warm
    ours, theirs = [], []
    for number in range(b.options.rounds):
        for who, into in ((remote, ours), (local, theirs))[::1 if number % 2 == 0 else -1]:
            into.append(who())
        print(f"load      round {number + 1}: from S3 {b.shown(ours[-1])}, from a folder {b.shown(theirs[-1])}")
    ratio = measure.spread([o.wall / t.wall for o, t in zip(ours, theirs)])
    b.table.append((f"load of {b.options.rows:,} rows from S3, against a folder", measure.spread([o.wall for o in ours]) + " s",
                    measure.spread([t.wall for t in theirs]) + " s", f"{ratio} times the time", "1.15 or less"))
    b.table.append(("  peak memory", f"{max(o.peak_mb for o in ours):.0f} MB", f"{max(t.peak_mb for t in theirs):.0f} MB", "", ""))


PARTS = {"capped": capped, "loopback": loopback, "copy": copy, "load": load}
