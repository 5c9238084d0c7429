"""Faults that need the machine's help: small disks, little memory, cut power. What is not permitted here skips a test,
with the reason, as exit code 77 for ctest."""
import os
import pathlib
import subprocess
import sys

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
