#!/usr/bin/env python3
"""kill -9 of the S3 server in the middle of downloads, and of millrace at every failpoint of sense, download and archive:
nothing is lost or doubled. What stands in the bucket is checked at once, and again after a restart."""
import collections
import concurrent.futures
import os
import subprocess
import threading
import time

import rgw as server
from s3_project import Client, S3Project, use_environment
from millrace_invariants import check
from millrace_process import BINARY, ProcessTest, csv, environment, main, orders, row

RGW = None  # started once for all tests
WORKERS = 2
PASSINGS = max(2, int(os.environ.get("MILLRACE_S3_PASSINGS", "3")))  # of one failpoint: the first, the last, some between
POINTS = ("ingest.", "lake.", "net.")  # what sense, download and archive pass; the warehouse's are chaos.failpoints'
FILES = {"a.csv": orders(100, 20), "b.csv": csv([row(200), row("2x1"), row(202), "203,too,few"]),
         "c.csv": b"\x89PNG\r\n\x1a\n no csv", "d.csv": orders(100, 20)}  # good, broken rows, refused, a repetition
ROWS = 120_000  # above one part of 5 MiB


def delivered(files):
    return {f"landing/orders/{name}": [data] for name, data in files.items()}


def spread(n):
    if n <= PASSINGS:
        return list(range(1, n + 1))
    return sorted({1, n, *(1 + (n - 1) * i // (PASSINGS - 1) for i in range(1, PASSINGS - 1))})


class Kills(ProcessTest):
    def finish(self, project):
        """Restarts until it is done; what was said."""
        load, build = project.run("load", "--json", seconds=600), project.run("build", "--json", seconds=600)
        return load, build, f"\n--- then\n{load}\n{build}"

    def broken(self, project, files, settled):
        project.mirror()
        return check(project, delivered(files), settled=settled)

    def test_the_server_dies_in_the_middle_of_a_download(self):
        """At several moments; it is back a second later, sooner than the client gives up."""
        big = {"big.csv": orders(1000, ROWS)}
        self.assertGreater(len(big["big.csv"]), 5 << 20)
        template = S3Project(self.temp / "template", RGW, "template")
        for i, moment in enumerate((0.2, 0.5, 0.9, 1.5)):
            project = template.moved_to(self.temp / f"cut-{i}", f"cut-{i}")
            project.drop("big.csv", big["big.csv"])
            process = subprocess.Popen([BINARY, "load", "--project", str(project.folder), "--json"],
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment())
            time.sleep(moment)
            RGW.kill_gateway()
            time.sleep(1)
            RGW.start_gateway()
            told, _ = process.communicate(timeout=600)
            self.assertIn(process.returncode, (0, 2), told)
            load, build, then = self.finish(project)
            self.assertEqual((load.code, build.code), (0, 0), told + then)
            self.assertEqual(self.broken(project, big, True), [], told + then)
            print(f"radosgw killed {moment} s after the start of the load: exit code {process.returncode}, sound after a "
                  "restart", flush=True)

    def rehearse(self, template):
        project = template.moved_to(self.temp / "rehearsal", "rehearsal")
        for name, data in FILES.items():
            project.drop(name, data)
        log = self.temp / "points"
        done = project.run("load", "--json", env={"MILLRACE_FAILPOINT_LOG": str(log)}, seconds=600)
        self.assertEqual(done.code, 1, str(done))  # c.csv is refused
        _, build, then = self.finish(project)
        self.assertEqual(build.code, 0, then)
        self.assertEqual(self.broken(project, FILES, True), [], str(done) + then)
        return collections.Counter(p for p in log.read_text().split() if p.startswith(POINTS))

    def attempt(self, template, number, name, k):
        """What is wrong, and the whole story."""
        project = template.moved_to(self.temp / f"kill-{number}", f"kill-{number}")
        for file, data in FILES.items():
            project.drop(file, data)
        killed = project.run("load", "--json", env={"MILLRACE_FAILPOINTS": f"{name}=kill@{k}"}, seconds=600)
        wrong = [] if killed.code == -9 else [f"expected to be killed, got exit code {killed.code}"]
        wrong += [f"before the restart: {b}" for b in self.broken(project, FILES, False)]
        load, build, then = self.finish(project)
        if load.code not in (0, 1) or build.code != 0:
            wrong.append(f"the restart: load ended with {load.code}, build with {build.code}")
        return wrong + self.broken(project, FILES, True), f"{killed}{then}"

    def test_millrace_dies_at_any_failpoint_between_sense_and_archive(self):
        template = S3Project(self.temp / "template", RGW, "template")
        points = self.rehearse(template)
        for prefix in ("ingest.sense.before", "ingest.load.before", "ingest.archive.before", "ingest.mark.before"):
            self.assertIn(prefix, points)
        self.assertTrue([p for p in points if p.startswith("lake.s3.")], f"none of S3 among {sorted(points)}")
        cases = [(name, k) for name, n in sorted(points.items()) for k in spread(n)]
        failures, lock, started = [], threading.Lock(), time.monotonic()

        def work(numbered):
            number, (name, k) = numbered
            try:
                wrong, told = self.attempt(template, number, name, k)
            except Exception as e:  # a hang, a warehouse that does not open
                wrong, told = [f"{type(e).__name__}: {e}"], ""
            if wrong:
                with lock:
                    failures.append(f"=== {name} at passing {k}\n" + "".join(f"  * {w}\n" for w in wrong) + told)

        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(work, enumerate(cases)))
        print(f"{len(points)} failpoints, {len(cases)} kills in {time.monotonic() - started:.0f} s, {len(failures)} failed",
              flush=True)
        self.assertEqual(failures, [], "\n".join(failures[:10]))


if __name__ == "__main__":
    try:
        with server.Rgw() as RGW:
            use_environment(RGW)
            Client(RGW).make_bucket()
            main()
    except server.NotHere as e:
        server.skip(e)
