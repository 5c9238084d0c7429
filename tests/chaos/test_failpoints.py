#!/usr/bin/env python3
"""kill -9, an injected error, and an error that stays, at every failpoint that a run passes; after a restart the promises
I1 to I5, I9 and I10 hold.

Nine situations are set up once. In each the failpoints that the command passes are written down, and then the command
is run again from the same situation for each of them, with the fault at its first, second, last and some further
passings; where CI=true at its first and last. MILLRACE_CHAOS_PASSINGS=1000 takes all of them.
"""
import collections
import concurrent.futures
import http.client
import os
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_invariants import Rebuilds, check, check_all  # noqa: E402
from millrace_process import ProcessTest, Project, csv, main, orders, row, wait_until  # noqa: E402

# Of one failpoint in one command: CI has an hour for everything.
PASSINGS = max(2, int(os.environ.get("MILLRACE_CHAOS_PASSINGS", "2" if os.environ.get("CI") == "true" else "3")))
WORKERS = 2
PATIENCE_WITH_UP = 12  # seconds; it takes less than one
BROKEN = csv([row(200), row("2x1"), row(202, order_date="2018-02-30 00:00:00.000"), row(203), "204,too,few", row(205),
              row(206, order_date="2042-10-17 14:29:05.000"), row(101)])  # 101 stands in a.csv already
FIRST = {"a.csv": orders(100, 20), "b.csv": BROKEN}
SECOND = {"a.csv": csv([row(i, website="VVBE") for i in range(100, 118)] + [row(118, customer_id="?")]),  # corrected
          "c.csv": orders(300, 15) + b"\n\n", "d.csv": BROKEN,  # good; the bytes of b.csv again
          "e.csv": b"\x89PNG\r\n\x1a\n\x00\x00\x00 no csv", "f.csv": b"",  # refused, empty
          "g.csv": csv([row("nothing"), row("here"), row("is good")])}

COMMANDS = {"load": ["load"], "build": ["build"], "tidy": ["lake", "tidy"]}

MUST_BE_PASSED = {"ingest.sense.before", "ingest.load.before", "ingest.archive.before", "ingest.mark.before",
                  "lake.read.before", "lake.move.before_link", "lake.move.before_unlink", "lake.move.unlink.before_sync",
                  "warehouse.open.before", "warehouse.begin.before", "warehouse.statement.before",
                  "warehouse.commit.before", "warehouse.commit.after", "schedule.publish.before",
                  "schedule.publish.after", "ingest.pack.before", "ingest.pack.before_put", "ingest.pack.before_verify",
                  "ingest.pack.before_remove", "lake.pack.write", "lake.put_file.before", "lake.copy.before_rename",
                  "lake.remove.before", "lake.tier.before", "lake.tier.before_remove", "ingest.tidy.before",
                  "transform.node.before", "transform.node.after"}


def passings(n):
    """Which of n passings get the fault."""
    if n <= PASSINGS:
        return list(range(1, n + 1))
    if PASSINGS == 2:
        return [1, n]
    return sorted({1, 2, n, *(2 + (n - 2) * i // (PASSINGS - 2) for i in range(1, PASSINGS - 2))})  # evenly between


class Situation:
    """A project as it stands before the command that gets the fault."""

    def __init__(self, name, command, project, delivered, late=None, lost=False):
        self.name, self.command, self.project, self.delivered = name, command, project, delivered
        self.late = late or {}  # files that land when `up` serves already
        self.lost = lost        # the warehouse is gone, the lake is not
        self.code = None        # of the command undisturbed
        self.expected = None    # contents() after an undisturbed command, load and build
        self.points = collections.Counter()
        self.before = collections.Counter()  # of the points: passed before the late files landed

    def run(self, project, env):
        """(exit code, all output). `up` is stopped as soon as it has done its work."""
        if self.command in COMMANDS:
            done = project.run(*COMMANDS[self.command], "--json", env=env)
            return done.code, str(done)
        to_be_killed = "=kill" in env.get("MILLRACE_FAILPOINTS", "")
        may_wait = env.get("MILLRACE_FAILPOINTS", "").endswith("+")  # for ever, having said why
        with project.up(env) as up:
            def ended():
                return up.process.poll() is not None

            def served(generation):
                # What follows a publish (the server's turn, the end of old generations) belongs to the same round of
                # the loop, which Ctrl-C does not cut.
                if not up.all("serving") or project.landed():
                    return False
                try:
                    return up.get("/readyz")[2].get("generation") == generation
                except (OSError, http.client.HTTPException):
                    return False  # it is ending

            if self.late:
                wait_until(lambda: ended() or served(1), "up to serve what was published", context=up.story)
                if "MILLRACE_FAILPOINT_LOG" in env:
                    self.before = collections.Counter(pathlib.Path(env["MILLRACE_FAILPOINT_LOG"]).read_text().split())
                for name, data in self.late.items():
                    project.drop(name, data)
            if to_be_killed:
                wait_until(ended, "up to be killed", PATIENCE_WITH_UP, up.story)
            elif may_wait:
                wait_until(lambda: ended() or up.all("error") or served(2), "up to say why it waits", PATIENCE_WITH_UP,
                           up.story)
            else:
                wait_until(lambda: ended() or served(2), "up to load, publish and serve everything", PATIENCE_WITH_UP,
                           up.story)
            return up.stop(), up.story()


def finish(s, project):
    """The restart: without faults, the command of that kind again, a load and a build."""
    if s.command == "tidy":
        project.run("lake", "tidy", "--json")
    return project.run("load", "--json"), project.run("build", "--json")


class Failpoints(ProcessTest):
    def deliver(self, project, files):
        for name, data in files.items():
            project.drop(name, data)

    def situations(self):
        """In the order in which a project meets them."""
        first = {f"landing/orders/{name}": [data] for name, data in FIRST.items()}
        both = {**first, **{f"landing/orders/{name}": first.get(f"landing/orders/{name}", []) + [data]
                            for name, data in SECOND.items()}}
        fresh = self.project("fresh")
        fresh.edit("millrace.yaml", "serve:\n", "pipelines:\n  orders:\n    sensor: {poke_interval: 100ms}\nserve:\n")
        self.deliver(fresh, FIRST)
        loaded = fresh.copy_to(self.temp / "loaded")
        self.ok(loaded.run("load"))
        landed = loaded.copy_to(self.temp / "landed")
        self.ok(landed.run("build"))
        served = landed.copy_to(self.temp / "served")
        self.deliver(landed, SECOND)
        reloaded = landed.copy_to(self.temp / "reloaded")
        self.ok(reloaded.run("load"), 1)
        lost = reloaded.copy_to(self.temp / "lost")
        lost.forget_warehouse()
        processed = {p.relative_to(lost.lake).as_posix() for p in (lost.lake / "processed").rglob("*.csv")}
        self.assertEqual(len(processed), 6, "the first and the second a.csv, and one of each other bytes that were taken")
        packed = fresh.copy_to(self.temp / "packed")
        packed.edit("millrace.yaml", "sources:\n", "archive: {compress: zstd}\nsources:\n")
        aged = loaded.copy_to(self.temp / "aged")  # as if the files had come years ago
        aged.forget_warehouse()
        day, = (aged.lake / "processed").glob("dt=*")
        day.rename(day.parent / "dt=2020-01-01")
        self.ok(aged.run("load"))
        aged.edit("millrace.yaml", "sources:\n", "tiers: {cold: 30d}\nsources:\n")
        return [Situation("files are packed on their way", "load", packed, first),
                Situation("old files become cold", "tidy", aged, first),
                Situation("the first files", "load", fresh, first), Situation("the first build", "build", loaded, first),
                Situation("new, broken, repeated, corrected and refused files", "load", landed, both),
                Situation("a build after them", "build", reloaded, both), Situation("up meets them", "up", landed, both),
                Situation("a file comes while up serves", "up", served, {**first, "landing/orders/c.csv": [SECOND["c.csv"]]},
                          late={"c.csv": SECOND["c.csv"]}),
                Situation("the warehouse is lost", "load", lost, self.without_refused(both), lost=True)]

    @staticmethod
    def without_refused(delivered):
        """Refused files are not read from quarantine/ again."""
        return {key: versions for key, versions in delivered.items() if "e.csv" not in key}

    def rehearse(self, s):
        """The undisturbed run: what it passes and what comes out."""
        project = s.project.copy_to(self.temp / f"rehearsal-{s.project.folder.name}-{s.command}")
        log = self.temp / f"{s.project.folder.name}-{s.command}.log"
        s.code, told = s.run(project, {"MILLRACE_FAILPOINT_LOG": str(log)})
        s.points = collections.Counter(log.read_text().split())
        self.assertGreater(len(s.points), 5, told)
        finish(s, project)
        broken, s.expected = self.after_restart(s, project)
        self.assertEqual(broken, [], told)
        self.assertGreater(s.expected["gold"][0], 0)

    @staticmethod
    def after_restart(s, project):
        """(what is wrong, contents())"""
        broken, got = check_all(project, s.delivered)
        # The ledger rows of refused files went with the warehouse.
        return [b for b in broken if not (s.lost and b.startswith("I5: quarantine/"))], got

    @staticmethod
    def before_restart(s, project):
        """I1 to I4 hold at every instant, and so does what I5 says of archived files."""
        for b in check(project, s.delivered, settled=False):
            if not (s.lost and b.startswith("I5: ")):  # processed/ is ahead of the ledger until it is loaded again
                yield f"before the restart: {b}"

    @staticmethod
    def cases(s):
        for name, n in sorted(s.points.items()):
            known = s.before[name]  # what passes before the late files is the situation "up meets them"
            some = [known + k for k in passings(n - known)]
            if s.command == "up" and name == "ingest.sense.before":
                some = some[:1]  # how often `up` looks is a matter of time
            for k in some:
                for action in ("kill", "error"):
                    yield s, name, k, action
            for k in sorted({*some[:1], *some[len(some) // 2:][:1]}):
                yield s, name, k, "error+"

    def attempt(self, folder, s, name, k, action):
        """One fault from the situation to the check; what is wrong, and the whole story."""
        project = s.project.copy_to(folder)
        fault = f"{name}={action.rstrip('+')}@{k}" + ("+" if action == "error+" else "")
        code, told = s.run(project, {"MILLRACE_FAILPOINTS": fault})
        wrong = []
        if action == "kill" and code != -9:
            wrong.append(f"expected to be killed, got exit code {code}")
        fine = {s.code, 2} | ({1} if s.command == "tidy" else set()) | ({0} if action == "error+" and s.command == "up" else set())  # it waits until it is stopped
        if action.startswith("error") and code not in fine:
            wrong.append(f"expected exit code {sorted(fine)}, got {code}")
        if action.startswith("error") and code == 2 and '"kind":"' not in told.replace(" ", ""):
            wrong.append("exit code 2 without an error that says why")
        wrong += self.before_restart(s, project)
        load, build = finish(s, project)
        told += f"\n--- then\n{load}\n{build}"
        if load.code not in (0, 1) or build.code != 0:
            return [*wrong, f"the restart: load ended with {load.code}, build with {build.code}"], told
        broken, got = self.after_restart(s, project)
        for what, (rows, digest) in s.expected.items():
            if got[what] != (rows, digest):
                broken.append(f"{what}: {got[what][0]} rows, expected {rows}; digests {got[what][1]}, {digest}")
        broken += self.rebuilds.check(project, got)
        return wrong + broken, told

    def test_a_kill_or_an_error_at_any_failpoint_breaks_no_promise(self):
        self.rebuilds = Rebuilds(self.temp)
        situations = self.situations()
        for s in situations:
            self.rehearse(s)
        points = {name for s in situations for name in s.points}
        self.assertEqual(MUST_BE_PASSED - points, set(), "failpoints that nobody passes any more are a hole in this test")
        cases = [case for s in situations for case in self.cases(s)]
        self.assertGreater(len(cases), 200)
        failures, lock, started = [], threading.Lock(), time.monotonic()

        def work(numbered):
            number, (s, name, k, action) = numbered
            folder = self.temp / f"attempt-{number}"
            try:
                wrong, told = self.attempt(folder, s, name, k, action)
            except Exception as e:  # a hang, a warehouse that does not open
                wrong, told = [f"{type(e).__name__}: {e}"], ""
            if wrong:
                with lock:
                    failures.append(f"=== {s.name}: {name} {action} at passing {k}, {s.command}\n" +
                                    "".join(f"  * {w}\n" for w in wrong) + told)
            else:
                remove(folder)

        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(work, enumerate(cases)))
        by_action = collections.Counter(action for _, _, _, action in cases)
        print(f"{len(points)} failpoints in {len(situations)} situations: {len(cases)} combinations of failpoint, passing "
              f"and action ({by_action['kill']} kill, {by_action['error']} error, "
              f"{by_action['error+']} error that stays; {len(self.rebuilds.known)} different lakes rebuilt) in {time.monotonic() - started:.0f} s, "
              f"{len(failures)} failed")
        for s in situations:
            print(f"  {s.name}: {sum(1 for c in cases if c[0] is s)} combinations, {sum(s.points.values())} passings")
        if failures:
            self.fail(f"{len(failures)} of {len(cases)} combinations failed\n" + "\n".join(sorted(failures)[:20]))


def remove(folder):
    for path in sorted(pathlib.Path(folder).rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    pathlib.Path(folder).rmdir()


if __name__ == "__main__":
    main()
