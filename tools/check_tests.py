#!/usr/bin/env python3
"""Tests: none is switched off, none skips without saying why, none lies in a folder without being run."""
import re

from findings import cmake_calls, cmake_text, cpp_files, finish, root_from_arguments


def switched_off(root, path):
    name = path.relative_to(root).as_posix()
    text = re.sub(r"//[^\n]*", "", path.read_text())  # what is commented out has its own finding below
    for m in re.finditer(r"\bDISABLED_\w+|\bGTEST_SKIP\s*\(\s*\)\s*(<<\s*(\S+))?", text):
        where = f"{name}:{text.count(chr(10), 0, m.start()) + 1}"
        if m.group().startswith("DISABLED_"):
            yield f"{where}: {m.group()} never runs; repair it or remove it"
        elif m.group(1) is None or m.group(2).startswith(('""', '" "')):
            yield f"{where}: GTEST_SKIP without a reason; write GTEST_SKIP() << \"what it needs\""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if re.match(r"\s*//\s*(TYPED_)?TEST(_F|_P)?\s*\(", line):
            yield f"{name}:{number}: a test is commented out; repair it or remove it"


def main():
    root = root_from_arguments(__doc__)
    findings = []
    for path in cpp_files(root, "src", "tests", "bench", "fuzz"):
        findings += switched_off(root, path)
    for path in cpp_files(root, "src"):
        if not path.name.endswith("_test.cc"):
            continue
        module = path.relative_to(root / "src").parts[0]
        inner = path.relative_to(root / "src" / module).as_posix()
        words = cmake_text(root / "src" / module / "CMakeLists.txt").split()
        if not any(w.strip("()") in (inner, f"${{CMAKE_CURRENT_SOURCE_DIR}}/{inner}") for w in words):
            findings.append(f"src/{module}/{inner} is in no TESTS of src/{module}/CMakeLists.txt, so it never runs")

    tests = root / "tests"
    lists = sorted(tests.rglob("CMakeLists.txt")) if tests.is_dir() else []
    everything = "\n".join(cmake_text(p) for p in lists)
    run = {w for call in cmake_calls(everything, "(?:add_test|gtest_discover_tests)") for w in call}
    for target in [call[0] for call in cmake_calls(everything, "add_executable")]:
        if target not in run and f"$<TARGET_FILE:{target}>" not in run:
            findings.append(f"tests: the program {target} is built and never run; add_test or gtest_discover_tests it")
    for path in sorted([*tests.rglob("*_test.py"), *tests.rglob("*_test.cc")]):
        if path.name not in everything:
            findings.append(f"{path.relative_to(root).as_posix()} is named in no CMakeLists.txt of tests/, so it never runs")
    for path in [*lists, *sorted((root / "src").rglob("CMakeLists.txt"))]:
        if any("DISABLED" in call for call in cmake_calls(cmake_text(path), "set_tests_properties")):
            findings.append(f"{path.relative_to(root).as_posix()}: a test is DISABLED; repair it or remove it")
    finish("tests", findings)


main()
