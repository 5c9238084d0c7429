#!/usr/bin/env python3
"""The power fails while `up` loads: what was acknowledged before is there after the next start, nothing is half loaded,
and no hand is needed.

The project lies on an ext4 in a file; `xfs_io -x -c shutdown` drops everything that the file system has not made durable,
journal included. An fsync that is under way at that moment still answers 0, so only what was told *before* the cut is
held against the program. MILLRACE_POWER_CUTS: how many. Needs root, loop devices, e2fsprogs and xfsprogs.
"""
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_faults import in_mount_namespace, skip  # noqa: E402
from millrace_invariants import check_all, lake_files  # noqa: E402
from millrace_process import ProcessTest, Project, csv, main, row, sha256, wait_until  # noqa: E402

CUTS = int(os.environ.get("MILLRACE_POWER_CUTS", "200"))
SEED = int(os.environ.get("MILLRACE_CHAOS_SEED", "20261122"))
FAST = "pipelines:\n  orders:\n    sensor: {poke_interval: 100ms, stable_for: 30ms}\nserve:\n"
EPISODE = 20  # cuts of one file system


def system(*argv):
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, argv))}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


class Disk:
    """An ext4 on a loop device, whose power can be cut."""

    def __init__(self, folder):
        self.image, self.mount = folder / "disk.img", folder / "disk"
        self.mount.mkdir(exist_ok=True)
        with open(self.image, "wb") as f:
            f.truncate(512 << 20)
        system("mkfs.ext4", "-q", "-F", self.image)
        self.plug_in()

    def plug_in(self):
        system("mount", "-o", "loop", self.image, self.mount)

    def cut(self):
        system("xfs_io", "-x", "-c", "shutdown", self.mount)

    def unplug(self):
        system("umount", self.mount)


class PowerCut(ProcessTest):
    def begin(self, number):
        folder = self.temp / f"episode-{number}"
        folder.mkdir()
        self.disk = Disk(folder)
        self.p = Project(self.disk.mount / "orders")
        self.p.edit("millrace.yaml", "serve:\n", FAST)
        os.sync()
        self.delivered, self.acked, self.number = {}, {}, 0

    def deliver(self):
        """As a careful sender does: file and folder are durable before it counts as delivered."""
        self.number += 1
        name, first = f"f{self.number:04}.csv", self.number * 1000
        rows = [row(i, customer_id=self.number) for i in range(first, first + 30)]
        data = csv(rows + ([row(f"{first}x")] if self.number % 3 == 0 else []))
        hidden = self.p.landing / f".{name}.part"
        with open(hidden, "wb") as f:
            f.write(data)
            f.flush()
            os.fsync(f.fileno())
        hidden.rename(self.p.landing / name)
        folder = os.open(self.p.landing, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        self.delivered[f"landing/orders/{name}"] = data

    def one_cut(self, moment):
        with self.p.up() as up:
            end = time.monotonic() + moment
            while time.monotonic() < end:
                self.deliver()
                time.sleep(self.random.random() * 0.08)
            self.assertIsNone(up.process.poll(), up.story())
            acked = [e["key"] for e in up.all("file")]  # before the cut: what is told later may be a lie of fsync
            delivered = dict(self.delivered)
            self.disk.cut()
            time.sleep(0.05)
            up.kill()
        self.acked.update({key: delivered[key] for key in acked})
        self.disk.unplug()
        self.disk.plug_in()
        held = {sha256(data) for data in lake_files(self.p.lake).values()}
        lost = [key for key, data in delivered.items() if sha256(data) not in held]
        self.assertEqual(lost, [], "no delivered byte is lost")
        self.delivered = delivered

    def after_start(self):
        """The program starts by itself, and everything is there."""
        with self.p.up() as up:
            wait_until(lambda: not self.p.landed() and up.all("serving"), "up to catch up", 60, up.story)
            wait_until(lambda: up.served()[1] == 30 * len(self.delivered), f"{30 * len(self.delivered)} orders", 60, up.story)
            self.stopped(up)
        broken, _ = check_all(self.p, {key: [data] for key, data in self.delivered.items()})
        self.assertEqual(broken, [], f"seed {SEED}")
        loaded = {e["key"] for e in self.p.ask("SELECT key FROM millrace.ledger WHERE state = 'loaded'")[0]}
        self.assertEqual(set(self.acked) - loaded, set(), "what was acknowledged is loaded")

    def test_nothing_that_was_acknowledged_is_lost(self):
        self.random = random.Random(SEED)
        acked = files = 0
        began = time.monotonic()
        for first in range(0, CUTS, EPISODE):
            self.begin(first)
            try:
                for number in range(first, min(CUTS, first + EPISODE)):
                    moment = 0.15 + self.random.random() * 0.9
                    with self.subTest(seed=SEED, cut=number, moment=f"{moment:.3f} s"):
                        self.one_cut(moment)
                        self.after_start()
                acked, files = acked + len(self.acked), files + len(self.delivered)
            finally:
                subprocess.run(["umount", "--lazy", str(self.disk.mount)], check=False)
            shutil.rmtree(self.disk.image.parent)
        print(f"{CUTS} power cuts in {time.monotonic() - began:.0f} s: {files} files, {acked} acknowledged before a cut, "
              f"all there; seed {SEED}")


if __name__ == "__main__":
    for tool, package in (("xfs_io", "xfsprogs"), ("mkfs.ext4", "e2fsprogs")):
        if not shutil.which(tool) and not pathlib.Path("/usr/sbin", tool).exists():
            skip(f"{tool} is not installed (Debian package {package})")
    in_mount_namespace()
    main()
