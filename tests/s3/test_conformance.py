#!/usr/bin/env python3
"""The suite that every object store must pass, on a real S3 server, over http and over https.

MILLRACE_LAKE_TEST: the program lake_test, which holds the suite; it runs it on memory and folders by itself.
"""
import os
import subprocess
import sys

import rgw as server
from s3_project import BUCKET, Client

FILTER = "*Conformance*s3_real"


def run(program, rgw, name, more):
    env = {**rgw.environment(), "MILLRACE_S3_TEST_BUCKET": BUCKET, **more}
    done = subprocess.run([program, f"--gtest_filter={FILTER}"], env=env, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    passed = next((line for line in lines if line.startswith("[  PASSED  ]")), "")
    if done.returncode != 0 or "SKIPPED" in done.stdout or not passed or passed.startswith("[  PASSED  ] 0 "):
        print("\n".join(lines[-80:]), done.stderr[-4000:], sep="\n")
        sys.exit(f"{name}: the suite has not passed")
    print(f"{name}: {passed}", flush=True)


def main():
    program = os.environ["MILLRACE_LAKE_TEST"]
    try:
        with server.Rgw() as rgw:
            Client(rgw).make_bucket()
            run(program, rgw, "http", {"MILLRACE_S3_TEST_ENDPOINT": rgw.endpoint})
            run(program, rgw, "https", {"MILLRACE_S3_TEST_ENDPOINT": rgw.tls_endpoint,
                                        "MILLRACE_S3_TEST_CA": str(rgw.ca_file)})
    except server.NotHere as e:
        server.skip(e)


if __name__ == "__main__":
    main()
