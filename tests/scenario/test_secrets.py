#!/usr/bin/env python3
"""Secrets of the lake are found nowhere: not in what is printed or logged, not in files, not in arguments of processes.

Seventeen canaries go through every link of the chain of credentials and through every command that opens the lake, with
the most talkative log, in answers that succeed and in such that fail. Each must have reached the server it is meant for.
"""
import json
import os
import pathlib
import stat
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_fake_aws import FakeAws, in_an_hour  # noqa: E402
from millrace_process import BINARY, Done, ProcessTest, environment, main, orders, sha256, wait_until  # noqa: E402

ROLE, WEB_ROLE = "arn:aws:iam::123456789012:role/lake", "arn:aws:iam::123456789012:role/web"
NAMES = ("env_secret env_token file_secret file_token role_secret role_token web_identity web_secret web_token "
         "process_secret process_token container_key container_secret container_token instance_session "
         "instance_secret instance_token").split()
CANARY = {name: "CNRY" + sha256(name.encode())[:28] for name in NAMES}  # no two share ten characters
# A secret is signed with and goes nowhere; what is shown to a server has to arrive there.
ARRIVES = {"env": ["env_token"], "project": ["env_token", "role_token"], "profile": ["file_token"],
           "role": ["file_token", "role_token"], "web": ["web_identity", "web_token"], "process": ["process_token"],
           "container": ["container_key", "container_token"], "instance": ["instance_session", "instance_token"]}


def found_in(data):
    """The canaries in these bytes or this text, also in parts of ten characters: half a secret is one too."""
    data = data if isinstance(data, bytes) else data.encode()
    return sorted(name for name, text in CANARY.items()
                  if any(text[i:i + 10].encode() in data for i in range(0, len(text) - 9)))


class Watch:
    """Reads the arguments of a process and of all below it as long as it lives."""

    def __init__(self, pid):
        self.pid, self.seen, self.over = pid, set(), threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        while not self.over.is_set():
            for pid in self.family():
                try:
                    self.seen.add(pathlib.Path(f"/proc/{pid}/cmdline").read_bytes())
                except OSError:
                    pass
            time.sleep(0.002)

    def family(self):
        pids = [self.pid]
        for pid in pids:
            try:
                for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                    pids += [int(p) for p in (task / "children").read_text().split()]
            except OSError:
                pass
        return pids

    def end(self):
        self.over.set()
        self.thread.join()
        return b"\n".join(self.seen)


class Secrets(ProcessTest):
    def setUp(self):
        super().setUp()
        self.aws = FakeAws()
        self.addCleanup(self.aws.close)
        self.home = self.temp / "home"
        (self.home / ".aws").mkdir(parents=True)
        self.p = self.project()
        self.template = (self.p.folder / "millrace.yaml").read_text()
        self.aws.roles = {ROLE: ("ASIAROLE00000000", CANARY["role_secret"], CANARY["role_token"]),
                          WEB_ROLE: ("ASIAWEB000000000", CANARY["web_secret"], CANARY["web_token"])}

    # ---- the links ----------------------------------------------------------------------------------------------

    def credentials_json(self, kind):
        return json.dumps({"Version": 1, "Code": "Success", "AccessKeyId": f"ASIA{kind.upper()}000000",
                           "SecretAccessKey": CANARY[f"{kind}_secret"], "SessionToken": CANARY[f"{kind}_token"],
                           "Token": CANARY[f"{kind}_token"], "Expiration": in_an_hour()})

    def write_project(self, more=""):
        local = "  url: ./lake                        # files land in lake/landing/orders/"
        self.assertIn(local, self.template)
        bucket = f"  url: s3://{self.aws.bucket}/orders\n  endpoint: {self.aws.url}\n  region: us-east-1{more}"
        (self.p.folder / "millrace.yaml").write_text(self.template.replace(local, bucket))

    def config(self, text):
        (self.home / ".aws/config").write_text(text)

    def use(self, link):
        """The environment in which this link is the one that answers."""
        env = {name: "" for name in os.environ if name.startswith("AWS_")}
        env |= {"HOME": str(self.home), "AWS_ENDPOINT_URL_STS": self.aws.url + "/sts", "http_proxy": "", "HTTP_PROXY": "",
                "AWS_EC2_METADATA_DISABLED": "true"}
        keys = (f"aws_access_key_id = AKIAFILE00000000\naws_secret_access_key = {CANARY['file_secret']}\n"
                f"aws_session_token = {CANARY['file_token']}\n")
        token = self.temp / "web.jwt"
        token.write_text(CANARY["web_identity"])
        self.write_project("\n  role_arn: " + ROLE if link == "project" else "")
        if link in ("env", "project"):
            env |= {"AWS_ACCESS_KEY_ID": "AKIAENV000000000", "AWS_SECRET_ACCESS_KEY": CANARY["env_secret"],
                    "AWS_SESSION_TOKEN": CANARY["env_token"]}
        elif link == "profile":
            self.config(f"[default]\n{keys}")
        elif link == "role":
            (self.home / ".aws/credentials").write_text(f"[base]\n{keys}")
            self.config(f"[profile lake]\nrole_arn = {ROLE}\nsource_profile = base\n")
            env["AWS_PROFILE"] = "lake"
        elif link == "web":
            env |= {"AWS_ROLE_ARN": WEB_ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": str(token)}
        elif link == "process":
            helper = self.temp / "helper"
            helper.write_text(f"#!/bin/sh\necho {CANARY['process_token']} >&2\n"
                              f"cat <<'JSON'\n{self.credentials_json('process')}\nJSON\n")
            helper.chmod(helper.stat().st_mode | stat.S_IXUSR)
            self.config(f"[default]\ncredential_process = {helper}\n")
        elif link == "container":
            self.aws.answers["/container"] = (200, self.credentials_json("container"))
            env |= {"AWS_CONTAINER_CREDENTIALS_FULL_URI": self.aws.url + "/container",
                    "AWS_CONTAINER_AUTHORIZATION_TOKEN": CANARY["container_key"]}
        elif link == "instance":
            base = "/latest/meta-data/iam/security-credentials/"
            self.aws.answers |= {"/latest/api/token": (200, CANARY["instance_session"]), base: (200, "lake-role"),
                                 base + "lake-role": (200, self.credentials_json("instance"))}
            env |= {"AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.aws.url}
        return env

    # ---- running and searching ----------------------------------------------------------------------------------

    def run_watched(self, env, *words):
        """A command with the most talkative log; what it and its children were started with is searched as well."""
        words = ["--log-level", "debug", "--log-format", "json", *words, "--project", str(self.p.folder)]
        process = subprocess.Popen([BINARY, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace",
                                   env=environment(**env))
        watch = Watch(process.pid)
        out, err = process.communicate(timeout=300)
        process.stdout, process.stderr = out, err
        arguments = watch.end()
        done = Done(words, process)
        for where, data in (("stdout", out), ("stderr", err), ("arguments", arguments)):
            self.assertEqual(found_in(data), [], f"{where} of {' '.join(words)}\n{done}")
        return done

    def search_files(self):
        """Everything that the program has written: log, state, warehouse, objects of the lake."""
        for path in self.p.folder.rglob("*"):
            if path.is_file():
                self.assertEqual(found_in(path.read_bytes()), [], f"in {path}")
        for key, held in self.aws.objects.items():
            self.assertEqual(found_in(key + json.dumps(held["metadata"])), [], f"in the object {key}")
            self.assertEqual(found_in(held["bytes"]), [], f"in the bytes of {key}")

    def let_land(self, name, data):
        self.aws.put(f"orders/landing/orders/{name}", data, age=60)

    def test_no_link_of_the_chain_tells_its_secrets(self):
        for link, arrivals in ARRIVES.items():
            with self.subTest(link=link):
                env = self.use(link)
                self.let_land(f"{link}.csv", orders(1000 + 10 * len(self.aws.objects), 5))

                self.ok(self.run_watched(env, "lake", "ls"))
                self.ok(self.run_watched(env, "load", "--json"))

                for name in arrivals:
                    self.assertTrue(self.aws.asked_with(CANARY[name]), f"{name} has reached no server")
                self.search_files()
                for file in (self.home / ".aws").iterdir():
                    file.unlink()

    def test_no_command_of_the_lake_tells_its_secrets(self):
        file = self.temp / "put.csv"
        file.write_bytes(orders(1, 5))
        key = "landing/orders/put.csv"
        commands = {"ls": ["--long"], "put": [str(file)], "stat": [key], "cat": [key], "restore": [key],
                    "tidy": ["--dry-run"], "plan": [], "apply": [], "status": [], "policy": ["--role", "loader"]}
        env = self.use("role")
        told = self.ok(self.run_watched(env, "lake", "--help")).out
        offered = {line.split()[0] for line in told.partition("Subcommands:")[2].splitlines()
                   if line.startswith("  ") and line[2:3].strip()}
        self.assertLessEqual({"ls", "put", "stat", "cat"}, offered, told)
        self.assertLessEqual(offered, set(commands), "a new command of the lake belongs into this test")
        for name, words in commands.items():
            with self.subTest(command=name):
                done = self.run_watched(env, "lake", name, *words)
                if name in ("ls", "put", "stat", "cat"):
                    self.ok(done)
        self.assertTrue(self.aws.asked_with(CANARY["role_token"]))
        self.search_files()

    def test_no_command_tells_the_secrets_when_it_is_refused(self):
        for link in ARRIVES:
            with self.subTest(link=link):
                env = self.use(link)
                self.aws.deny = True
                done = self.run_watched(env, "lake", "ls")
                self.aws.deny = False

                self.assertNotEqual(done.code, 0, str(done))
                self.assertIn("AccessDenied", done.out + done.err, str(done))
                for file in (self.home / ".aws").iterdir():
                    file.unlink()

    def test_a_link_that_fails_tells_no_secret_either(self):
        broken = json.dumps({"AccessKeyId": "", "SecretAccessKey": CANARY["container_secret"],
                             "Token": CANARY["container_token"], "Expiration": CANARY["container_token"]})
        failures = {"role": lambda: self.aws.roles.clear(), "web": lambda: self.aws.roles.clear(),
                    "container": lambda: self.aws.answers.update({"/container": (200, broken)}),
                    "process": lambda: (self.temp / "helper").write_text(
                        f"#!/bin/sh\necho {CANARY['process_secret']}\necho {CANARY['process_token']} >&2\nexit 1\n"),
                    "profile": lambda: self.config(f"[default]\naws_secret_access_key {CANARY['file_secret']}\n")}
        for link, breaks in failures.items():
            with self.subTest(link=link):
                env = self.use(link)
                breaks()

                done = self.run_watched(env, "lake", "ls")

                self.assertNotEqual(done.code, 0, str(done))
                for file in (self.home / ".aws").iterdir():
                    file.unlink()

    def test_the_running_mill_tells_no_secret(self):
        env = self.use("env")
        self.let_land("first.csv", orders(1, 5))
        with self.p.up(env) as up:
            watch = Watch(up.process.pid)
            up.wait_for("build", published=True)
            self.let_land("second.csv", orders(100, 5))
            wait_until(lambda: up.served()[1] == 10, "the second file", context=up.story)
            self.stopped(up)
        self.assertEqual(found_in(watch.end()), [])
        self.assertEqual(found_in(up.story()), [])
        self.search_files()

    def test_this_test_finds_a_secret_wherever_one_is(self):
        """Planted in the bytes of a file, one canary shows up in the warehouse; in a key, in what is printed."""
        env = self.use("env")
        self.let_land("planted.csv", orders(1, 5, website=CANARY["env_secret"]))
        self.ok(self.run_watched(env, "load", "--json"))
        held = [found_in(p.read_bytes()) for p in self.p.folder.rglob("warehouse.duckdb*") if p.is_file()]
        self.assertIn(["env_secret"], held, "the warehouse holds the planted secret, and the search does not see it")

        self.let_land(f"{CANARY['role_token'][4:]}.csv", orders(50, 5))
        with self.assertRaisesRegex(AssertionError, "role_token"):
            self.run_watched(env, "lake", "ls")
        with self.assertRaises(AssertionError):
            self.search_files()


if __name__ == "__main__":
    main()
