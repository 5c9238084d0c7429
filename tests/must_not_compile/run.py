#!/usr/bin/env python3
"""run.py CASE.cc -- COMPILER FLAGS…: the case compiles as it stands, and with -DMUST_NOT_COMPILE it fails as it expects.

The case's line "// expect: REGEX" is searched in the errors, so that it cannot fail for a wrong reason (a typo, a header
that moved). A case with "// expect: (compiles)" must compile both ways: it proves that the driver can tell.
"""
import os
import pathlib
import re
import subprocess
import sys


def main():
    case, dashes, *compiler = sys.argv[1:]
    assert dashes == "--", __doc__
    m = re.search(r"^// expect: (.+)$", pathlib.Path(case).read_text(), flags=re.M)
    if not m:
        sys.exit(f"{case}: expected a line '// expect: REGEX'")

    def compile_it(*more):
        command = [*compiler, "-fsyntax-only", "-Werror=unused-result", *more, case]
        return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, check=False)

    control = compile_it()
    if control.returncode != 0:
        sys.exit(f"{case}: does not compile even without its forbidden line:\n{control.stderr}")
    forbidden = compile_it("-DMUST_NOT_COMPILE")
    if m.group(1) == "(compiles)":
        sys.exit(forbidden.stderr if forbidden.returncode != 0 else 0)
    if forbidden.returncode == 0:
        sys.exit(f"{case}: compiled, and must not")
    errors = [line for line in forbidden.stderr.splitlines() if "error:" in line]
    if not any(re.search(m.group(1), line) for line in errors):
        sys.exit(f"{case}: failed for another reason than /{m.group(1)}/:\n" + "\n".join(errors))


main()
