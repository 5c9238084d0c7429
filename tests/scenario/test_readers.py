#!/usr/bin/env python3
"""I6: readers that never pause, while generation after generation is published: no answer mixes two of them."""
import collections
import http.client
import json
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from millrace_process import ProcessTest, main, orders, wait_until  # noqa: E402

READERS = 4
FILES = 12
ROWS = 25  # of a file; customer_id is the file's number
PAGES = ("/orders/?limit=10000", "/orders/?limit=7&offset=20", "/orders/?limit=0", "/orders/1000", "/orders/")


class Reader(threading.Thread):
    """Asks for page after page over one connection; every answer is kept."""

    def __init__(self, address, stop, first):
        super().__init__(daemon=True)
        self.address, self.stop, self.first = address, stop, first
        self.answers, self.error = [], None  # answers: (path, status, generation, etag, body)

    def run(self):
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            n = self.first
            while not self.stop.is_set():
                path = PAGES[n % len(PAGES)]
                n += 1
                connection.request("GET", path)
                response = connection.getresponse()
                body = response.read()
                self.answers.append((path, response.status, int(response.headers["X-Millrace-Generation"]),
                                     response.headers["ETag"], body))
        except Exception as e:  # judged by the test
            self.error = f"{type(e).__name__}: {e}"
        finally:
            connection.close()


class Readers(ProcessTest):
    def test_an_answer_is_of_one_generation(self):
        p = self.project()
        p.edit("millrace.yaml", "serve:\n", "pipelines:\n  orders:\n    sensor: {poke_interval: 100ms, stable_for: 20ms}\n"
                                            "serve:\n")
        p.drop("f0.csv", orders(1000, ROWS, customer_id=0))
        with p.up() as up:
            wait_until(lambda: up.served()[1] == ROWS, "the first file", context=up.story)
            stop = threading.Event()
            readers = [Reader(up.address, stop, i) for i in range(READERS)]
            for reader in readers:
                reader.start()
            expected = ROWS
            for number in range(1, FILES):
                if number % 4 == 0:  # a correction: the last file loses a row
                    p.drop(f"f{number - 1}.csv", orders((number - 1) * 100 + 1000, ROWS - 1, customer_id=number - 1))
                    expected -= 1
                p.drop(f"f{number}.csv", orders(number * 100 + 1000, ROWS, customer_id=number))
                expected += ROWS
                wait_until(lambda: up.served()[1] == expected, f"{expected} orders", context=up.story)
                time.sleep(0.05)
            stop.set()
            for reader in readers:
                reader.join(30)
            self.assertEqual([r.error for r in readers if r.error], [], up.story())
            counts = {b["generation"]: m["rows"] for b in up.all("build", published=True) for m in b["models"]
                      if m["relation"] == "silver.orders"}  # no order is dated in the future: gold has as many
            self.stopped(up)
        answers = [a for r in readers for a in r.answers]
        self.judge(answers, counts)
        generations = collections.Counter(a[2] for a in answers)
        self.assertGreater(len(generations), FILES // 2, "the readers have seen the publishes")
        print(f"{len(answers)} answers of {len(generations)} generations to {READERS} readers")

    def judge(self, answers, counts):
        bodies = {}
        for path, status, generation, etag, body in answers:
            self.assertEqual(status, 200, (path, generation, body))
            known = bodies.setdefault((generation, path), (etag, body))
            self.assertEqual((etag, body), known, f"{path} has two answers in generation {generation}")
        self.assertEqual(len({etag for etag, _ in bodies.values()}), len(bodies), "no two answers share a tag")
        for (generation, path), (_, body) in bodies.items():
            page = json.loads(body)
            if path == "/orders/1000":
                self.assertEqual(page["order_id"], 1000)
                continue
            self.assertEqual(page["count"], counts[generation], f"{path} in generation {generation}")
            ids = [o["order_id"] for o in page["data"]]
            self.assertEqual(ids, sorted(set(ids)), "in key order, each once")
            if path == "/orders/?limit=10000":
                self.assertEqual(len(ids), counts[generation])
                files = collections.Counter(o["customer_id"] for o in page["data"])
                self.assertTrue(all(n in (ROWS, ROWS - 1) for n in files.values()), f"half a file: {files}")
            elif path == "/orders/?limit=7&offset=20":
                whole = json.loads(bodies[generation, "/orders/?limit=10000"][1]) if (
                    generation, "/orders/?limit=10000") in bodies else None
                if whole:
                    self.assertEqual(page["data"], whole["data"][20:27])

    def test_readers_do_not_go_back_in_time(self):
        """One connection sees generations rise; the tag of an old one is not confirmed by the next."""
        p = self.project()
        p.drop("a.csv", orders(1000, 5))
        with p.up() as up:
            wait_until(lambda: up.served()[1] == 5, "the first file", context=up.story)
            connection = up.connection()

            def ask(**headers):
                connection.request("GET", "/orders/", headers=headers)
                response = connection.getresponse()
                response.read()
                return response.status, int(response.headers["X-Millrace-Generation"]), response.headers["ETag"]

            status, generation, etag = ask()
            self.assertEqual(ask(**{"If-None-Match": etag})[0], 304)
            p.drop("b.csv", orders(2000, 5))
            seen = [generation]
            wait_until(lambda: seen.append(ask()[1]) or seen[-1] > generation, "the next generation", context=up.story)
            self.assertEqual(seen, sorted(seen))
            self.assertEqual(ask(**{"If-None-Match": etag})[0], 200)
            connection.close()
            self.stopped(up)


if __name__ == "__main__":
    main()
