#!/usr/bin/env python3
"""Headers: each header below src/ compiles alone, so that the order of includes never matters.

Answers are kept in build/headers.stamp, keyed by the contents of the header and of all it includes.
"""
import concurrent.futures
import hashlib
import json
import os
import pathlib
import subprocess
import tempfile

from findings import finish, root_from_arguments

COMPILER = os.environ.get("CXX", "g++")
JOBS = 2


def command(root):
    duckdb = os.environ.get("MILLRACE_DUCKDB_ROOT", root / ".deps/duckdb")
    includes = [root / "src", f"{duckdb}/include", *sorted((root / "build/dev/src").glob("*/gen"))]
    # Declared to be of the system: their own warnings are not our business. FMT_SHARED as fmt's target says.
    return [COMPILER, "-fsyntax-only", "-std=c++20", "-DFMT_SHARED", "-Wall", "-Wextra", "-Werror",
            *[f"-I{i}" for i in includes[:1]], *[f"-isystem{i}" for i in includes[1:]]]


def digest(root, compile_command, files):
    h = hashlib.sha256("\0".join(compile_command).encode())
    for name in files:
        path = root / name
        h.update(name.encode() + b"\0" + (path.read_bytes() if path.is_file() else b"(gone)"))
    return h.hexdigest()


def compile_alone(root, compile_command, header):
    """(the compiler's first complaint or None, the files of this checkout that went in)."""
    with tempfile.TemporaryDirectory() as tmp:
        unit, deps = pathlib.Path(tmp, "alone.cc"), pathlib.Path(tmp, "alone.d")
        unit.write_text(f'#include "{header}"\n#include "{header}"  // twice: it must guard itself\n')
        run = subprocess.run([*compile_command, "-MD", "-MF", deps, unit], cwd=root, capture_output=True, text=True,
                             env={**os.environ, "LC_ALL": "C"}, check=False)
        names = deps.read_text().replace("\\\n", " ").split()[1:] if deps.is_file() else []
    inside = sorted({os.path.relpath(n, root) for n in names if os.path.abspath(n).startswith(f"{root}{os.sep}")})
    if run.returncode == 0:
        return None, inside
    errors = [line for line in run.stderr.splitlines() if "error:" in line] or run.stderr.splitlines() or ["(no message)"]
    return errors[0].replace(f"{root}/", ""), inside


def main():
    root = root_from_arguments(__doc__)
    stamp = root / "build/headers.stamp"
    try:
        known = json.loads(stamp.read_text())
    except (OSError, ValueError):
        known = {}
    compile_command = [str(word) for word in command(root)]
    headers = sorted(p.relative_to(root / "src").as_posix() for p in (root / "src").rglob("*.h"))
    good, todo, findings = {}, [], []
    for header in headers:
        entry = known.get(header)
        if entry and digest(root, compile_command, entry["files"]) == entry["digest"]:
            good[header] = entry
        else:
            todo.append(header)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        results = pool.map(lambda h: compile_alone(root, compile_command, h), todo)
        for header, (complaint, files) in zip(todo, results):
            if complaint:
                findings.append(f"src/{header} does not compile alone: {complaint}")
            else:
                good[header] = {"files": files, "digest": digest(root, compile_command, files)}
    stamp.parent.mkdir(exist_ok=True)
    fresh = stamp.with_suffix(".new")
    fresh.write_text(json.dumps(good, indent=0, sort_keys=True))
    fresh.replace(stamp)
    finish("headers", findings)


main()
