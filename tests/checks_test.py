#!/usr/bin/env python3
"""Each check of tools/ is shown a small clean tree, then the same tree with one planted fault, which it must find."""
import base64
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest

REAL = pathlib.Path(__file__).resolve().parent.parent

CLEAN = {
    "CMakeLists.txt": "find_package(fmt REQUIRED)\nadd_subdirectory(src)\n",
    "src/CMakeLists.txt": "add_subdirectory(base)\nadd_subdirectory(lake)  # add_subdirectory(gone)\n"
                          "add_subdirectory(testing)\nadd_subdirectory(app)\n",
    "src/base/CMakeLists.txt": "millrace_module(NAME base LIBS fmt::fmt SOURCES a.cc TESTS a_test.cc)\n",
    "src/base/a.h": "#pragma once\n#include <string>\nnamespace m {\nstd::string a();\n}\n",
    "src/base/a.cc": '#include "base/a.h"\n\n#include <openssl/sha.h>\n\nstd::string m::a() { return "{"; }\n',
    "src/base/a_test.cc": '#include <gtest/gtest.h>\n#include "testing/fake.h"\n'
                          'TEST(A, says_so) {\n  if (!here()) GTEST_SKIP() << "needs here";\n}\n',
    "src/base/README.md": "# base\n",
    "src/lake/CMakeLists.txt": "millrace_module(NAME lake DEPS base SOURCES csv/read.cc)\n",
    "src/lake/csv/read.cc": '#include <simdjson.h>\n#include "base/a.h"\n#include "lake/sql.gen.h"\n',
    "src/lake/README.md": "# lake\nSee [base](../base/README.md#base).\n",
    "src/testing/CMakeLists.txt": "millrace_module(NAME testing DEPS base lake)\n",
    "src/testing/fake.h": '#pragma once\n#include "base/a.h"\n',
    "src/testing/README.md": "# testing\n",
    "src/app/CMakeLists.txt": "add_executable(millrace main.cc)\ntarget_link_libraries(millrace mr_base)\n",
    "src/app/main.cc": '#include <CLI/CLI.hpp>\n#include "base/a.h"\n',
    "src/app/README.md": "# app\n",
    "tests/CMakeLists.txt": "add_executable(fault_test fault_test.cc)\ngtest_discover_tests(fault_test)\n",
    "tests/fault_test.cc": "TEST(Fault, is_found) {}\n",
    "dev": 'BUILD_PACKAGES=(g++\n  cmake)\nNPM_PACKAGES=(npm)  # only for DuckDB\n',
    "README.md": "# M\n`./dev up`, `./dev test`, [how](CONTRIBUTING.md), [below](#the-rest-of-it)\n```\n[no](link)\n```\n"
                 "## The rest, of it\n",
    "CONTRIBUTING.md": "# How\n[docs](docs/ARCHITECTURE.md) [web](https://example.org/x)\n",
    "docs/ARCHITECTURE.md": "# A\n",
    "docs/dependencies.md": "`g++` `cmake` `npm` fmt\n",
    "tools/long_files.txt": "# none\n",
}


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve() / "tree"
        for name, text in CLEAN.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def append(self, name, text):
        self.write(name, (self.root / name).read_text() + text)

    def check(self, name):
        return subprocess.run(["python3", "-B", REAL / f"tools/check_{name}.py", "--root", self.root],
                              capture_output=True, text=True, check=False)

    def assert_clean(self, name):
        run = self.check(name)
        self.assertEqual((run.returncode, run.stdout.splitlines()[-1:]), (0, [f"{name} ok"]), run.stdout + run.stderr)

    def assert_finds(self, name, pattern, count=1):
        run = self.check(name)
        self.assertEqual(run.returncode, 1, run.stdout + run.stderr)
        self.assertRegex(run.stdout, pattern)
        self.assertIn(f"{name}: {count} finding", run.stdout)


class Layers(Tree):
    def test_a_clean_tree_passes(self):
        self.assert_clean("layers")

    def test_finds_an_upward_include(self):
        self.append("src/base/a.cc", '#include "lake/read.h"\n')
        self.assert_finds("layers", r"src/base/a\.cc:6: module 'base' may not include 'lake' \(its DEPS: none\)")

    def test_finds_an_include_below_that_deps_does_not_name(self):
        self.append("src/app/main.cc", '#include "lake/read.h"\n')
        self.assert_finds("layers", "'app' may not include 'lake' .its DEPS: base")

    def test_finds_testing_in_production_code(self):
        self.append("src/lake/csv/read.cc", '#include "testing/fake.h"\n')
        self.assert_finds("layers", "read.cc:4: 'testing' is for")

    def test_a_fixture_that_tests_share_is_part_of_them(self):
        self.write("src/lake/csv/read_for_tests.h", '#pragma once\n#include <gtest/gtest.h>\n#include "testing/fake.h"\n')
        self.assert_clean("layers")
        self.append("src/lake/csv/read.cc", '#include "lake/csv/read_for_tests.h"\n')
        self.assert_finds("layers", "read.cc:4: lake/csv/read_for_tests.h is for")

    def test_finds_testing_in_deps(self):
        self.write("src/app/CMakeLists.txt", "millrace_module(NAME app DEPS base testing SOURCES main.cc)\n")
        self.assert_finds("layers", "src/app/CMakeLists.txt: DEPS names 'testing'")

    def test_finds_deps_that_point_up(self):
        self.write("src/base/CMakeLists.txt", "millrace_module(NAME base DEPS lake SOURCES a.cc)\n")
        self.assert_finds("layers", "DEPS names 'lake', which is not below 'base'")

    def test_finds_a_folder_that_is_no_module(self):
        self.write("src/gone/x.cc", "")
        self.assert_finds("layers", "src/gone/x.cc: 'gone' is no module")

    def test_finds_a_module_named_unlike_its_folder(self):
        self.write("src/lake/CMakeLists.txt", "millrace_module(NAME laek DEPS base)\n")
        self.assert_finds("layers", "found NAME laek, expected the folder's name, lake")

    def test_finds_an_include_without_its_module(self):
        self.append("src/base/a.cc", '#include "a.h"\n')
        self.assert_finds("layers", "expected \"<module>/")

    def test_finds_each_confined_header_out_of_its_place(self):
        for header in ("<duckdb.h>", '"duckdb.h"', "<yaml-cpp/yaml.h>", "<boost/asio.hpp>", "<openssl/evp.h>",
                       "<CLI/CLI.hpp>", "<gtest/gtest.h>", "<gmock/gmock.h>"):
            with self.subTest(header):
                self.write("src/lake/csv/read.cc", f"#include {header}\n")
                self.assert_finds("layers", r"src/lake/csv/read\.cc:1: .*(confined to|\*_test\.cc)")
        self.write("src/lake/csv/read.cc", "")
        self.append("src/base/a.cc", "#  include <simdjson.h>\n")
        self.assert_finds("layers", "confined to src/lake/")


class Sizes(Tree):
    def test_a_clean_tree_passes(self):
        self.assert_clean("sizes")

    def test_refuses_a_long_file_and_remarks_on_a_longish_one(self):
        self.write("src/base/b.cc", "\n" * 401)
        self.assertIn("remark: src/base/b.cc: file has 401 lines", self.check("sizes").stdout)
        self.assert_clean("sizes")
        self.write("src/base/b.cc", "\n" * 601)
        self.assert_finds("sizes", "src/base/b.cc: file has 601 lines, 600 is the limit")

    def test_refuses_a_long_header(self):
        self.write("src/base/b.h", "\n" * 151)
        self.assertIn("remark: src/base/b.h: header has 151 lines", self.check("sizes").stdout)
        self.write("src/base/b.h", "\n" * 251)
        self.assert_finds("sizes", "header has 251 lines")

    def test_refuses_long_functions_of_every_shape(self):
        body = "{\n" + "  if (x) { f(\"}\"); }  // }\n" * 99 + "}\n"
        for head, name in (("int f(int x) ", "f"), ("template <class T>\nrequires true\nT A::b(T x) const noexcept ", "A::b"),
                           ("A::A(int x) : a_{x}, b_(x) ", "A::A"), ("TEST_F(Case, does_it) ", "Case.does_it"),
                           ("bool A::operator==(const A& b) const ", "operator=="), ("auto g = [](int x) ", "lambda")):
            with self.subTest(head):
                self.write("src/base/b.cc", "namespace m {\nstruct P { int q() { return 1; } };\n" + head + body + "}\n")
                self.assert_finds("sizes", "function .* lines" if name == "lambda" else rf"b\.cc:3: function \S*{re.escape(name)} has 10[1-3] lines")

    def test_a_long_class_or_table_is_no_function(self):
        self.write("src/base/b.cc", "class A : B<sizeof(int)> {\n" + "  int f();\n" * 150 + "};\n" +
                   "const T kTable[] = {\n" + "  {f(1), 'a'},\n" * 150 + "};\n")
        self.assert_clean("sizes")

    def test_a_reason_allows_and_a_stale_or_missing_reason_does_not(self):
        self.write("src/base/b.cc", "int f() {\n" + "\n" * 600 + "}\n")
        self.write("tools/long_files.txt", "src/base/b.cc a table\nsrc/base/b.cc#f a flat switch\n")
        self.assert_clean("sizes")
        self.write("tools/long_files.txt", "src/base/b.cc a table\nsrc/base/b.cc#f\n")
        self.assert_finds("sizes", "long_files.txt:2: .* without a reason")
        self.write("src/base/b.cc", "int f() {\n" + "\n" * 300 + "}\n")
        self.write("tools/long_files.txt", "src/base/b.cc a table\nsrc/base/b.cc#f a flat switch\n")
        self.assert_finds("sizes", "src/base/b.cc is no longer too long")


class Headers(Tree):
    def test_a_clean_tree_passes_twice_and_remembers(self):
        self.assert_clean("headers")
        self.assert_clean("headers")
        self.assertIn("base/a.h", (self.root / "build/headers.stamp").read_text())

    def test_finds_a_header_that_needs_another(self):
        self.write("src/lake/l.h", "#pragma once\nstd::size_t l();\n")
        self.assert_finds("headers", "src/lake/l.h does not compile alone: src/lake/l.h:2:.*error")

    def test_finds_a_header_broken_by_what_it_includes(self):
        self.write("src/lake/l.h", '#pragma once\n#include "base/a.h"\ninline auto l() { return m::a(); }\n')
        self.assert_clean("headers")
        self.write("src/base/a.h", "#pragma once\n")
        self.assert_finds("headers", "src/lake/l.h does not compile alone")

    def test_finds_a_header_without_a_guard(self):
        self.write("src/lake/l.h", "inline int l() { return 1; }\n")
        self.assert_finds("headers", "redefinition")


class Docs(Tree):
    def test_a_clean_tree_passes(self):
        self.assert_clean("docs")

    def test_finds_broken_links_and_anchors(self):
        for link, complaint in (("gone.md", "leads nowhere"), ("#nowhere", "no heading"), ("/README.md", "leaves the checkout"),
                                ("../x.md", "leaves the checkout"), ("CONTRIBUTING.md#why", "no heading of CONTRIBUTING.md")):
            with self.subTest(link):
                self.write("README.md", CLEAN["README.md"] + f"[x]({link})\n")
                self.assert_finds("docs", rf"README.md:7: .*{complaint}")

    def test_finds_a_module_that_does_not_introduce_itself_or_talks_too_much(self):
        (self.root / "src/lake/README.md").unlink()
        self.assert_finds("docs", "src/lake/README.md is missing")
        self.write("src/lake/README.md", "\n" * 41)
        self.assert_finds("docs", "more than 40 lines")

    def test_finds_unnamed_dependencies(self):
        self.append("dev", "BENCH_PACKAGES=(wrk)\n")
        self.append("CMakeLists.txt", "find_package(Boost 1.81 REQUIRED)\n")
        self.assert_finds("docs", "(?s)package `wrk`.*name Boost, which find_package", count=2)

    def test_finds_a_readme_without_the_way_in_and_a_long_architecture(self):
        self.write("README.md", "# M\n`./dev up`\n## The rest, of it\n")
        self.write("docs/ARCHITECTURE.md", "\n" * 201)
        self.assert_finds("docs", "(?s)README.md does not mention ./dev test.*ARCHITECTURE.md has more", count=2)

    def test_finds_ties_to_one_machine(self):
        for text in ("see " + "/" + "root/x", "cd /" + "home/me/src", "https://" + ".".join(("registry", "npmjs", "org")) + "/x"):
            with self.subTest(text):
                self.write("src/base/a.h", f"// {text}\n")
                self.assert_finds("docs", "src/base/a.h:1: found (an absolute path|the host name)")


class Tests(Tree):
    def test_a_clean_tree_passes(self):
        self.assert_clean("tests")

    def test_finds_tests_that_are_switched_off(self):
        for line, complaint in (("TEST(A, DISABLED_x) {}", "DISABLED_x never runs"), ("// TEST(A, x) {}", "commented out"),
                                ("  GTEST_SKIP();", "without a reason"), ('  GTEST_SKIP() << "";', "without a reason")):
            with self.subTest(line):
                self.write("src/base/a_test.cc", line + "\n")
                self.assert_finds("tests", rf"src/base/a_test.cc:1: .*{complaint}")

    def test_finds_tests_that_nobody_runs(self):
        self.write("src/lake/csv/read_test.cc", "")
        self.assert_finds("tests", "src/lake/csv/read_test.cc is in no TESTS")
        (self.root / "src/lake/csv/read_test.cc").unlink()
        self.append("tests/CMakeLists.txt", "add_executable(late late.cc)\n")
        self.assert_finds("tests", "the program late is built and never run")
        self.write("tests/CMakeLists.txt", CLEAN["tests/CMakeLists.txt"])
        self.write("tests/late_test.py", "")
        self.assert_finds("tests", "tests/late_test.py is named in no CMakeLists.txt")


class Door(Tree):
    """./dev itself, as far as it goes without a network."""

    def setUp(self):
        super().setUp()
        shutil.copy(REAL / "dev", self.root / "dev")
        self.bin = self.root / "fake-bin"
        self.tarball = self.root / "pinned.tgz"
        inner = self.root / "package"
        inner.mkdir()
        for name in ("libduckdb.so", "duckdb.h", "LICENSE"):
            (inner / name).write_text(name)
        with tarfile.open(self.tarball, "w:gz") as tar:
            tar.add(inner, "package")
        self.write("fake-bin/npm", f'#!/bin/sh\necho "$@" >>{self.root}/npm.log\ncp {self.tarball} ./x.tgz\n')
        (self.bin / "npm").chmod(0o755)
        self.write("CMakePresets.json", (REAL / "CMakePresets.json").read_text())
        self.pin("sha512-" + base64.b64encode(hashlib.sha512(self.tarball.read_bytes()).digest()).decode())

    def pin(self, integrity):
        self.write("deps/duckdb.lock", "# comment\n" + "".join(
            f"{target} any @duckdb/x 1.0 package/{pathlib.Path(target).name} {integrity}\n"
            for target in ("lib/libduckdb.so", "include/duckdb.h", "LICENSE")))

    def bash(self, script, **more):
        env = {**os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", **more}
        env.pop("MILLRACE_DUCKDB_ROOT", None)
        return subprocess.run(["bash", "-c", f"cd '{self.root}'; {script}"], env={**env, **more}, capture_output=True,
                              text=True, check=False)

    def test_help_names_every_verb_and_a_wrong_verb_the_nearest(self):
        verbs = re.search(r"^VERBS=\((.*)\)", (REAL / "dev").read_text(), flags=re.M).group(1).split()
        page = self.bash("./dev help").stdout
        for verb in verbs:
            self.assertRegex(page, rf"(?m)^  {verb}\b")
        wrong = self.bash("./dev tset")
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("did you mean test?", wrong.stderr)

    def test_an_unknown_preset_is_refused_with_the_known_ones(self):
        run = self.bash("./dev build --preset wrong")
        self.assertEqual(run.returncode, 2)
        self.assertIn("no preset 'wrong'; there are: dev release asan tsan clang fuzz", run.stderr)

    def test_duckdb_is_fetched_once_and_again_when_the_lock_changes(self):
        fetch = "source ./dev; fetch_duckdb"
        first = self.bash(fetch)
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertEqual((self.root / ".deps/duckdb/lib/libduckdb.so").read_text(), "libduckdb.so")
        self.assertEqual((self.root / ".deps/duckdb/include/duckdb.h").read_text(), "duckdb.h")
        self.assertEqual(self.bash(fetch).stderr, "")
        self.append("deps/duckdb.lock", "# changed\n")
        self.assertIn("fetching DuckDB", self.bash(fetch).stderr)
        self.assertEqual(len((self.root / "npm.log").read_text().splitlines()), 2)
        self.assertEqual([p.name for p in (self.root / ".deps").iterdir()], ["duckdb"])

    def test_a_tampered_tarball_is_refused_with_both_digests_and_removed(self):
        wrong = "sha512-" + base64.b64encode(b"x" * 64).decode()
        self.pin(wrong)
        run = self.bash("source ./dev; fetch_duckdb")
        self.assertEqual(run.returncode, 1)
        self.assertIn(f"expected {wrong}", run.stderr)
        self.assertRegex(run.stderr, r"found    sha512-\S{88}")
        self.assertEqual(list((self.root / ".deps").iterdir()), [])

    def test_a_duckdb_of_ones_own_is_used_or_refused_but_nothing_is_fetched(self):
        run = self.bash("source ./dev; fetch_duckdb", MILLRACE_DUCKDB_ROOT=str(self.root / "none"))
        self.assertEqual(run.returncode, 1)
        self.assertIn("expected include/duckdb.h and lib/libduckdb.so there", run.stderr)
        self.assertFalse((self.root / "npm.log").exists())

    def test_a_build_without_the_program_leaves_no_dangling_link(self):
        self.write("bin/keep", "")
        os.symlink("../build/dev/src/app/millrace", self.root / "bin/millrace")
        run = self.bash("source ./dev; link_binary")
        self.assertEqual(run.returncode, 1)
        self.assertIn("the build made no build/dev/src/app/millrace", run.stderr)
        self.assertFalse((self.root / "bin/millrace").is_symlink())

    def test_ci_refuses_to_rewrite_golden_files(self):
        (self.root / ".ci").mkdir()
        shutil.copy(REAL / ".ci/run", self.root / ".ci/run")
        run = self.bash(".ci/run", MILLRACE_UPDATE_GOLDEN="1")
        self.assertEqual(run.returncode, 2)
        self.assertIn("MILLRACE_UPDATE_GOLDEN", run.stderr)
        self.assertEqual(self.bash("./dev test", MILLRACE_UPDATE_GOLDEN="1", CI="true").returncode, 1)


if __name__ == "__main__":
    unittest.main()
