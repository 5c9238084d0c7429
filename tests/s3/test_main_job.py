#!/usr/bin/env python3
"""The main job with its lake on S3: files that other clients upload while `up` runs are loaded, archived and served; how
long that takes, by polling only and with events."""
import http.client
import os
import shutil
import time

import rgw as server
from s3_project import BUCKET, Client, S3Project, seconds_since, use_environment
from millrace_invariants import check
from millrace_process import ProcessTest, main, orders, sha256, wait_until

RGW = None  # started once for all tests
TOKEN = "canary-token-17"
PATIENCE = 300


class MainJob(ProcessTest):
    def setUp(self):
        super().setUp()
        self.client = Client(RGW)

    def s3_project(self, name, **keys):
        return S3Project(self.temp / name, RGW, name, **keys)

    def sound(self, project, delivered, up=None):
        """All promises hold for what stands in the bucket."""
        project.mirror()
        keyed = {f"landing/orders/{name}": [data] for name, data in delivered.items()}
        self.assertEqual(check(project, keyed), [], up.story() if up else "")
        self.assertEqual(sorted(sha256(d) for d in project.files_in("processed").values()),
                         sorted(sha256(d) for d in delivered.values()))

    def upload_and_see(self, project, up, delivered, tool, name, first):
        """Seconds from the end of the upload until the API shows the rows."""
        data = orders(first, 50)
        file = self.temp / name
        file.write_bytes(data)
        before = up.served()[1]
        target = f"{project.url}/landing/orders/{name}"
        if tool == "aws":
            project.aws("s3", "cp", "--quiet", file, target)
        elif tool == "s3cmd":
            project.s3cmd("put", file, target)
        else:
            project.drop(name, data)
        start = time.monotonic()
        wait_until(lambda: up.served()[1] == before + 50, f"the rows of {name}", PATIENCE, up.story)
        delivered[name] = data
        return seconds_since(start)

    def run_job(self, project, what):
        delivered = {"first.csv": orders(1, 50)}
        project.drop("first.csv", delivered["first.csv"])
        with project.up() as up:
            up.wait_for("serving", seconds=PATIENCE)
            wait_until(lambda: up.served()[1] == 50, "the first file", PATIENCE, up.story)
            took = {}
            for i, tool in enumerate(("aws", "s3cmd", "own client")):
                if tool != "own client" and shutil.which(tool) is None:
                    print(f"{tool} is not installed: left out", flush=True)
                    continue
                took[tool] = self.upload_and_see(project, up, delivered, tool, f"{tool.replace(' ', '_')}.csv",
                                                 1000 * (i + 1))
            self.stopped(up)
            self.sound(project, delivered, up)
        print(f"upload to visible, {what}: " + ", ".join(f"{t} {s:.2f} s" for t, s in took.items()), flush=True)
        return took

    def test_polling_only(self):
        self.run_job(self.s3_project("polling"), "polling every 1 s")

    def test_with_events_a_slow_poll_does_not_matter(self):
        port = server.free_ports(1)[0]
        events = f"  events: {{http: \"127.0.0.1:{port}\", token: \"env:LAKE_EVENTS_TOKEN\"}}\n"
        project = self.s3_project("events", lake_keys=events,
                                  source_keys="    sensor: {poke_interval: 1h}\n")
        os.environ["LAKE_EVENTS_TOKEN"] = TOKEN
        topic = f"http://127.0.0.1:{port}/?token={TOKEN}"
        got = project.aws("sns", "create-topic", "--name", "lake-events", "--attributes", f"push-endpoint={topic}",
                          "--output", "text")
        arn = got.split()[-1]
        project.aws("s3api", "put-bucket-notification-configuration", "--bucket", BUCKET, "--notification-configuration",
                    f'{{"TopicConfigurations":[{{"Id":"lake","TopicArn":"{arn}","Events":["s3:ObjectCreated:*"]}}]}}')
        try:
            took = self.run_job(project, "with events, polling every hour")
        finally:
            self.client.ok("DELETE", query=[("notification", "lake")])
        self.assertLess(max(took.values()), PATIENCE, "an event came")

    def test_who_does_not_know_the_token_cannot_wake(self):
        port = server.free_ports(1)[0]
        os.environ["LAKE_EVENTS_TOKEN"] = TOKEN
        project = self.s3_project("token", lake_keys=f"  events: {{http: \"127.0.0.1:{port}\", "
                                                     "token: \"env:LAKE_EVENTS_TOKEN\"}\n")
        project.drop("first.csv", orders(1, 5))
        with project.up() as up:
            up.wait_for("serving", seconds=PATIENCE)
            answers = {}
            for target in ("/", "/?token=guess", f"/?token={TOKEN}"):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request("POST", target, b"no json")
                answers[target] = connection.getresponse().status
                connection.close()
            self.assertEqual(list(answers.values()), [403, 403, 400])
            self.stopped(up)
            self.assertNotIn(TOKEN, up.story())

    def test_the_other_commands_work_on_the_bucket(self):
        project = self.s3_project("commands")
        project.edit("millrace.yaml", "127.0.0.1:8080", "127.0.0.1:0")
        project.drop("a.csv", orders(1, 10))
        verified = self.ok(project.run("contract", "verify"))
        self.assertIn("landing/orders/a.csv", verified.out)
        self.ok(project.run("contract", "verify", f"{project.url}/landing/orders/a.csv"))
        doctor = self.ok(project.run("doctor"))
        self.assertIn(f"{project.url}/, 1 object waiting", doctor.out)
        self.ok(project.run("load"))
        self.ok(project.run("build"))
        sample = project.run("sample", "--rows", "10")
        self.assertEqual(sample.code, 2)
        self.assertIn("needs a lake in a folder", sample.err)
        self.sound(project, {"a.csv": orders(1, 10)})
        project.forget_warehouse()
        again = self.ok(project.run("load", "--json")).json
        self.assertEqual([f["from_archive"] for f in again["files"]], [True])

    def test_what_is_wrong_is_said(self):
        project = self.s3_project("wrong")
        project.edit("millrace.yaml", f"s3://{BUCKET}/", "s3://no-such-bucket/")
        done = project.run("load")
        self.assertEqual(done.code, 2, str(done))
        self.assertIn("no-such-bucket", done.err)
        doctor = project.run("doctor")
        self.assertEqual(doctor.code, 1)
        self.assertIn("WRONG lake", doctor.out)

    def test_a_secret_in_the_file_is_refused_and_not_repeated(self):
        project = self.s3_project("secret", lake_keys="  secret_access_key: canary-secret\n")
        done = project.run("load")
        self.assertEqual(done.code, 2)
        self.assertIn("secrets never stand in millrace.yaml", done.err)
        self.assertNotIn("canary-secret", str(done))


if __name__ == "__main__":
    try:
        with server.Rgw() as RGW:
            use_environment(RGW)
            Client(RGW).make_bucket()
            main()
    except server.NotHere as e:
        server.skip(e)
