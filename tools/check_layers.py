#!/usr/bin/env python3
"""Layers: an include may only go down, third-party headers stay where they are confined.

The truth is read from src/CMakeLists.txt (order) and src/<module>/CMakeLists.txt (DEPS); nothing is repeated here.
"""
import re

from findings import cmake_calls, cmake_text, cpp_files, finish, root_from_arguments

TESTING = "testing"
KEYWORDS = {"NAME", "DEPS", "LIBS", "PRIVATE_LIBS", "SOURCES", "SQL", "TESTS"}

# header pattern: the folders (below src/) that may include it
CONFINED = {
    r"duckdb(\.h|\.hpp|/)": ["warehouse/duckdb/"],
    r"yaml-cpp/": ["base/"],
    r"boost/": ["serve/"],
    r"openssl/": ["base/"],
    r"curl/": ["net/"],
    r"pugi": ["lake/s3/"],
    r"simdjson": ["lake/", "transform/"],
    r"CLI/": ["app/"],
}
TEST_FRAMEWORK = r"(gtest|gmock)/"


FIXTURES = ("_for_tests.h", "_for_tests.cc")  # what several tests of a module share


def is_test(path):
    return path.name.endswith(("_test.cc", *FIXTURES))


def words_after(call, keyword):
    words = []
    if keyword in call:
        for word in call[call.index(keyword) + 1:]:
            if word in KEYWORDS:
                break
            words.append(word)
    return words


def declared_deps(folder):
    """The modules that the folder's CMakeLists.txt names, or None if it declares no module."""
    text = cmake_text(folder / "CMakeLists.txt")
    calls = cmake_calls(text, "millrace_module")
    if calls:
        return [(words_after(call, "NAME"), words_after(call, "DEPS")) for call in calls]
    if cmake_calls(text, "add_executable"):  # a program and no library: what it links is what it may include
        linked = [w[3:] for call in cmake_calls(text, "target_link_libraries") for w in call if w.startswith("mr_")]
        return [([folder.name], linked)]
    return None


def read_layers(root, findings):
    """{module: set of modules it may include}, in layer order."""
    layers = {}
    for call in cmake_calls(cmake_text(root / "src/CMakeLists.txt"), "add_subdirectory"):
        module = call[0]
        where = f"src/{module}/CMakeLists.txt"
        modules = declared_deps(root / "src" / module)
        if modules is None:
            findings.append(f"{where}: found no millrace_module(); expected one that names '{module}'")
            continue
        layers[module] = {module}
        for name, deps in modules:
            if name != [module]:
                findings.append(f"{where}: found NAME {' '.join(name) or '(none)'}, expected the folder's name, {module}")
            for dep in deps:
                if dep == TESTING:
                    findings.append(f"{where}: DEPS names '{TESTING}', which only *_test.cc may use; remove it")
                elif dep not in layers or dep == module:
                    findings.append(f"{where}: DEPS names '{dep}', which is not below '{module}' in src/CMakeLists.txt")
                else:
                    layers[module].add(dep)
    return layers


def check_include(path, inner, module, header, quoted, layers):
    """The complaint about one include, or None. `inner` is the path below src/."""
    for pattern, homes in CONFINED.items():
        if re.match(pattern, header):
            if any(inner.startswith(home) for home in homes):
                return None
            return f"{header} is confined to src/{', src/'.join(homes)}"
    if re.match(TEST_FRAMEWORK, header):
        return None if is_test(path) or module == TESTING else f"{header} is for *_test.cc and src/{TESTING}/ only"
    if header.endswith(FIXTURES):
        return None if is_test(path) else f"{header} is for *_test.cc only"
    if not quoted:
        return None
    target = header.split("/")[0]
    if "/" not in header or target not in layers:
        return f'found "{header}", expected "<module>/…", with a module of src/CMakeLists.txt'
    if target == TESTING and module != TESTING:
        return None if is_test(path) else f"'{TESTING}' is for *_test.cc only"
    if target not in layers[module]:
        declared = ", ".join(sorted(layers[module] - {module})) or "none"
        return f"module '{module}' may not include '{target}' (its DEPS: {declared})"
    return None


def main():
    root = root_from_arguments(__doc__)
    findings, strangers = [], set()
    layers = read_layers(root, findings)
    if not layers:
        findings.append("src/CMakeLists.txt: found no module")
    for path in cpp_files(root, "src"):
        inner = path.relative_to(root / "src").as_posix()
        module = inner.split("/")[0] if "/" in inner else ""
        if module not in layers:
            if module not in strangers:
                findings.append(f"src/{inner}: '{module or 'src'}' is no module; add_subdirectory it in src/CMakeLists.txt")
            strangers.add(module)
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            m = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
            complaint = m and check_include(path, inner, module, m.group(2), m.group(1) == '"', layers)
            if complaint:
                findings.append(f"src/{inner}:{number}: {complaint}")
    finish("layers", findings)


main()
