#!/usr/bin/env python3
"""A real S3 server for tests: Ceph's RADOS Gateway from Debian's packages, in a folder of its own, on free ports of
127.0.0.1, gone when this program ends.

    rgw.py run CMD…    starts it, makes a user, runs CMD with the environment below, stops it; CMD's exit code

AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION    the user
MILLRACE_S3_ENDPOINT, MILLRACE_S3_TLS_ENDPOINT, MILLRACE_S3_CA_FILE    where it answers

Exit code 77, and a line that says why, where it cannot run here. Facts that shaped this: ceph-mgr is not needed; fast
paxos makes the start take seconds, and lets ceph-osd exit now and then with "wrong fsid", so it is started again;
storage classes have to be there before radosgw is; the data lives in memory as long as ceph-osd runs.
"""
import base64
import contextlib
import ctypes
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

SKIPPED = 77
PROGRAMS = ("radosgw", "radosgw-admin", "ceph-mon", "ceph-osd", "ceph", "ceph-authtool", "monmaptool", "openssl")
PACKAGES = "radosgw ceph-mon ceph-osd ceph-common openssl"
TRIES = 3
PATIENCE = 90.0  # seconds for one step; each takes one or two on an idle machine
STORAGE_CLASSES = ("STANDARD_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE")
DAY_SECONDS = 10  # how long a day of lifecycle rules lasts

CONFIGURATION = """
[global]
fsid = {fsid}
mon host = v1:127.0.0.1:{mon_port}/0
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind msgr2 = false
auth cluster required = none
auth service required = none
auth client required = none
auth allow insecure global id reclaim = false
keyring = {folder}/keyring
admin socket = {folder}/run/$name.asok
pid file = {folder}/run/$name.pid
log file = {folder}/log/$name.log
run dir = {folder}/run
crash dir = {folder}/log
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
mon data avail warn = 1
mon data avail crit = 1
paxos propose interval = 0.05
paxos min wait = 0.01
mon osd report timeout = 900
[mon]
mon data = {folder}/mon/$id
[osd]
osd data = {folder}/osd/$id
osd objectstore = memstore
memstore device bytes = 4294967296
osd class load list = *
osd class default list = *
[client.rgw.a]
rgw frontends = beast endpoint=127.0.0.1:{port} ssl_endpoint=127.0.0.1:{tls_port} ssl_certificate={folder}/tls/both.pem
rgw data = {folder}/rgw
rgw thread pool size = 32
rgw lc debug interval = {day_seconds}
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = testkey-1={kms_key}
rgw sts key = {sts_key}
rgw s3 auth use sts = true
rgw enable usage log = false
rgw dns name = localhost
rgw run sync thread = false
debug rgw = 1
"""


class NotHere(Exception):
    """The server cannot be had on this machine."""


def free_ports(count):
    with contextlib.ExitStack() as stack:
        ports = []
        for _ in range(count):
            s = stack.enter_context(socket.socket())
            s.bind(("127.0.0.1", 0))
            ports.append(s.getsockname()[1])
        return ports


def die_with_parent():
    """In the child: nothing of ours outlives a test that was killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def wait_until(condition, what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.1)
    raise NotHere(f"waited {seconds:g} s for {what}")


class Rgw:
    """One server; start it with a with statement."""

    def __init__(self):
        self.access_key, self.secret_key = "MILLRACETEST" + secrets.token_hex(4).upper(), secrets.token_urlsafe(30)
        self.processes = {}
        self.folder = None

    # --- what tests ask ---------------------------------------------------------------------

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def tls_endpoint(self):
        return f"https://localhost:{self.tls_port}"

    @property
    def ca_file(self):
        return self.folder / "tls/cert.pem"

    def environment(self):
        """os.environ with what a client needs, and without what could lead it elsewhere."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
        return {**env, "AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key,
                "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
                "MILLRACE_S3_ENDPOINT": self.endpoint, "MILLRACE_S3_TLS_ENDPOINT": self.tls_endpoint,
                "MILLRACE_S3_CA_FILE": str(self.ca_file), "MILLRACE_S3_DAY_SECONDS": str(DAY_SECONDS)}

    def kill_gateway(self):
        """kill -9 of radosgw; what is stored stays."""
        self.processes["radosgw"].kill()
        self.processes.pop("radosgw").wait()

    def start_gateway(self):
        self._spawn("radosgw", "radosgw", "-f", "-n", "client.rgw.a")
        wait_until(self._answers, "radosgw to answer")

    # --- starting and stopping --------------------------------------------------------------

    def __enter__(self):
        missing = [p for p in PROGRAMS if shutil.which(p, path=f"{os.environ['PATH']}:/usr/sbin:/sbin") is None]
        if missing:
            raise NotHere(f"{', '.join(missing)} not found; apt-get install --no-install-recommends {PACKAGES}")
        for attempt in range(1, TRIES + 1):
            try:
                self._start()
                return self
            except (NotHere, subprocess.SubprocessError, OSError) as e:
                story = self._story()
                self._stop()
                print(f"rgw.py: try {attempt} of {TRIES}: {e}\n{story}", file=sys.stderr, flush=True)
        raise NotHere(f"the server did not come up in {TRIES} tries")

    def __exit__(self, *_):
        self._stop()

    def _start(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="millrace-rgw-"))
        self.port, self.tls_port, mon_port = free_ports(3)
        for name in ("mon", "osd/0", "rgw", "log", "run", "tls"):
            (self.folder / name).mkdir(parents=True)
        self._certificate()
        fsid = str(uuid.uuid4())
        (self.folder / "ceph.conf").write_text(CONFIGURATION.format(
            fsid=fsid, mon_port=mon_port, port=self.port, tls_port=self.tls_port, folder=self.folder,
            day_seconds=DAY_SECONDS, kms_key=base64.b64encode(secrets.token_bytes(32)).decode(),
            sts_key=secrets.token_hex(8)))
        self._monitor(fsid, mon_port)
        self._storage()
        self._user()
        self.start_gateway()

    def _certificate(self):
        key, cert = self.folder / "tls/key.pem", self.folder / "tls/cert.pem"
        self._run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=localhost",
                  "-addext", "subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1", "-keyout", key, "-out", cert)
        (self.folder / "tls/both.pem").write_bytes(key.read_bytes() + cert.read_bytes())

    def _monitor(self, fsid, mon_port):
        keyring, monmap = self.folder / "keyring", self.folder / "monmap"
        self._run("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        self._run("ceph-authtool", keyring, "--gen-key", "-n", "client.admin", "--cap", "mon", "allow *", "--cap", "osd",
                  "allow *", "--cap", "mgr", "allow *")
        self._run("monmaptool", "--create", "--clobber", "--addv", "a", f"[v1:127.0.0.1:{mon_port}]", "--fsid", fsid,
                  monmap)
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", monmap, "--keyring", keyring)
        self._spawn("ceph-mon", "ceph-mon", "-f", "-i", "a")
        wait_until(lambda: self._try("ceph", "-s"), "the monitor")

    def _storage(self):
        name = str(uuid.uuid4())
        self._run("ceph", "osd", "new", name, "0")
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", name)

        def is_up():
            process = self.processes.get("ceph-osd")
            if process is None or process.poll() is not None:
                self._spawn("ceph-osd", "ceph-osd", "-f", "-i", "0")
            return "1 up" in self._run("ceph", "osd", "stat")
        wait_until(is_up, "ceph-osd to be up")

    def _user(self):
        self._run("radosgw-admin", "user", "create", "--uid=test", "--display-name=test",
                  f"--access-key={self.access_key}", f"--secret-key={self.secret_key}")
        self._run("radosgw-admin", "caps", "add", "--uid=test", "--caps=roles=*;user-policy=*")
        for name in STORAGE_CLASSES:
            self._run("radosgw-admin", "zonegroup", "placement", "add", "--rgw-zonegroup=default",
                      "--placement-id=default-placement", f"--storage-class={name}")
            self._run("radosgw-admin", "zone", "placement", "add", "--rgw-zone=default",
                      "--placement-id=default-placement", f"--storage-class={name}",
                      f"--data-pool=default.rgw.{name}.data")

    def _answers(self):
        if self.processes["radosgw"].poll() is not None:
            raise NotHere(f"radosgw ended with {self.processes['radosgw'].returncode}")
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(self.endpoint, timeout=5) as answer:
                return answer.status == 200
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def _environment(self):
        return {**os.environ, "CEPH_CONF": str(self.folder / "ceph.conf"),
                "PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"}

    def _run(self, *words):
        done = subprocess.run([str(w) for w in words], env=self._environment(), capture_output=True, text=True,
                              errors="replace", timeout=PATIENCE, check=False)
        if done.returncode != 0:
            raise NotHere(f"{' '.join(str(w) for w in words[:3])}…: exit code {done.returncode}: {done.stderr[-400:]}")
        return done.stdout

    def _try(self, *words):
        try:
            self._run(*words)
            return True
        except NotHere:
            return False

    def _spawn(self, name, *words):
        with open(self.folder / "log" / f"{name}.out", "ab") as out:
            self.processes[name] = subprocess.Popen(words, env=self._environment(), stdin=subprocess.DEVNULL, stdout=out,
                                                    stderr=out, preexec_fn=die_with_parent)

    def _story(self):
        if self.folder is None:
            return ""
        return "".join(f"--- {p.name}\n{p.read_text(errors='replace')[-600:]}\n"
                       for p in sorted((self.folder / "log").glob("*.out")))

    def _stop(self):
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes.clear()
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def skip(why):
    """Ends this program: what it needs is not here."""
    print(f"s3 tier SKIPPED: {why}", flush=True)
    sys.exit(SKIPPED)


def main():
    if len(sys.argv) < 3 or sys.argv[1] != "run":
        sys.exit("usage: rgw.py run CMD…")
    try:
        with Rgw() as rgw:
            sys.exit(subprocess.run(sys.argv[2:], env=rgw.environment(), check=False).returncode)
    except NotHere as e:
        skip(e)


if __name__ == "__main__":
    main()
