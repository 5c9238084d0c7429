"""Running programs to compare them: wall and CPU seconds, peak memory, medians and ratios."""
import os
import platform
import statistics
import subprocess
import time


class Run:
    def __init__(self, wall, cpu, peak_mb, out):
        self.wall, self.cpu, self.peak_mb, self.out = wall, cpu, peak_mb, out


def run(argv, **options):
    """One run to its end; its output must be text. Raises where it fails, with what it said."""
    start = time.monotonic()
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    text = out.decode(errors="replace")
    if child.returncode != 0:
        raise SystemExit(f"{argv[0]} ended with {child.returncode}:\n{text[-3000:]}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text)


def warm(path):
    """Reads a file into the page cache, in pieces: a child's peak memory counts ours from before its exec."""
    with open(path, "rb") as file:
        while file.read(1 << 20):
            pass


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def machine():
    model = "unknown processor"
    with open("/proc/cpuinfo") as info:
        for line in info:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{os.cpu_count()} x {model}, Linux {platform.release()}"
