"""Faults that need the machine's help: small disks, little memory, cut power. What is not permitted here skips a test,
with the reason, as exit code 77 for ctest."""
import os
import pathlib
import subprocess
import sys
import time

SKIPPED = 77  # SKIP_RETURN_CODE of ctest


def skip(reason):
    """Ends this test program: what it needs is not here."""
    print(f"SKIPPED: {reason}", flush=True)
    sys.exit(SKIPPED)


def in_mount_namespace():
    """Runs this program again where mounts are its own: they end with it, whatever happens."""
    if os.environ.get("MILLRACE_OWN_MOUNTS") == "yes":
        return
    if os.geteuid() != 0:
        skip("mounting a tmpfs of fixed size needs root")
    tried = subprocess.run(["unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "-o", "size=4m",
                            "millrace-test", "/mnt"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        skip(f"mounting is not permitted here: {tried.stderr.strip()}")
    os.environ["MILLRACE_OWN_MOUNTS"] = "yes"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])


def mounted_tmpfs(test, folder, megabytes):
    """A file system of fixed size at `folder`, gone when the test ends."""
    folder = pathlib.Path(folder)
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "millrace-test", str(folder)], check=True)
    test.addCleanup(subprocess.run, ["umount", "--lazy", str(folder)], check=True)
    return folder


def _memory_controller():
    """(folder of our own group's controller, version) or (None, why not)."""
    root = pathlib.Path("/sys/fs/cgroup")
    groups = {line.split(":", 2)[1]: line.split(":", 2)[2].strip()
              for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines()}
    if (root / "memory/memory.limit_in_bytes").exists():
        # Below the root, not below our own: a limit around us would be shared with the rest of us.
        return root / "memory", 1
    if "memory" in ((root / "cgroup.subtree_control").read_text().split()
                    if (root / "cgroup.subtree_control").exists() else []):
        return root, 2
    return None, f"no control group with the memory controller can be made (our groups: {groups})"


class MemoryGroup:
    """Programs that may use `megabytes` together, their file cache included; who needs more is killed by the kernel."""

    def __init__(self, megabytes):
        parent, self.version = _memory_controller()
        if parent is None:
            skip(self.version)
        self.folder = parent / f"millrace-test-{os.getpid()}-{time.monotonic_ns()}"
        try:
            self.folder.mkdir()
            self._write("memory.limit_in_bytes" if self.version == 1 else "memory.max", str(megabytes << 20))
        except OSError as e:
            skip(f"a control group for memory cannot be made here: {e}")

    def _write(self, name, text):
        (self.folder / name).write_text(text)

    def run(self, argv, seconds=600, **options):
        """(exit code, output); -9 where the kernel killed it."""
        def join():
            self._write("tasks" if self.version == 1 else "cgroup.procs", str(os.getpid()))
        done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              errors="replace", preexec_fn=join, timeout=seconds, check=False, **options)
        return done.returncode, done.stdout

    def peak_megabytes(self):
        """Of all that ran in it, file cache included; None where the kernel does not tell."""
        file = self.folder / ("memory.max_usage_in_bytes" if self.version == 1 else "memory.peak")
        return int(file.read_text()) >> 20 if file.exists() else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.rmdir()
