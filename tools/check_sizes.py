#!/usr/bin/env python3
"""Sizes: files, headers and functions that nobody can read at one go are refused, unless tools/long_files.txt says why.

Functions are found by matching braces; a constructor's initialisers and lambdas belong to the function around them.
"""
import re

from findings import finish, root_from_arguments

FOLDERS = ["src", "tests", "bench", "fuzz", "tools", "cmake"]
SUFFIXES = {".h", ".cc", ".py", ".sh", ".sql", ".cmake"}
SCRIPTS = ["dev", ".ci/run"]
FILE = (400, 600)  # remark above, refused above
HEADER = (150, 250)
FUNCTION = (60, 100)

NOT_A_FUNCTION = re.compile(r"(template\s*<[^{]*>\s*)?(inline\s+)?(namespace|class|struct|union|enum)\b")
CONTROL = re.compile(r"(if|else|for|while|switch|do|try|catch)\b")
TOKENS = re.compile(
    r'R"(?P<delim>[^\s()\\]{0,16})\(.*?\)(?P=delim)"'  # raw string
    r'|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/', re.S)


def code_only(text):
    """The text with strings, comments and preprocessor lines blanked; lines stay where they are."""
    def blank(match):
        keep = "" if match.group().startswith("/") else '""'
        return keep + re.sub(r"[^\n]", " ", match.group())[len(keep):]
    text = TOKENS.sub(blank, text)
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: re.sub(r"[^\n]", " ", m.group()), text, flags=re.M)


def starts_function(head):
    head = re.sub(r"^\s*((public|private|protected)\s*:\s*)*", "", head)
    if ")" not in head or NOT_A_FUNCTION.match(head) or CONTROL.match(head):
        return False
    before_parameters = re.sub(r"operator\s*[^\s(]+", "operator", head).split("(")[0]
    return "=" not in before_parameters or re.search(r"\]\s*\(", head) is not None


def name_of(head):
    test = re.search(r"\b(?:TYPED_)?TEST(?:_[FP])?\s*\(\s*(\w+)\s*,\s*(\w+)", head)
    if test:
        return f"{test.group(1)}.{test.group(2)}"
    plain = re.search(r"([\w:~]+|operator\s*\S+?)\s*\(", head)
    return plain.group(1) if plain else "?"


def functions(text):
    """(name, first line, lines) of each outermost function."""
    code = code_only(text)
    found, stack, head = [], [], 0  # stack: is this open brace a function's? head: where the current statement began
    inside = None                   # (name, first offset, depth) of the function we are in
    for m in re.finditer(r"[{};]", code):
        at, c = m.start(), m.group()
        if c == "{":
            if inside is None and starts_function(code[head:at]):
                first = head + re.match(r"\s*((public|private|protected)\s*:\s*)*", code[head:at]).end()
                inside = (name_of(code[first:at]), first, len(stack))
            stack.append(c)
        elif c == "}" and stack:
            stack.pop()
            if inside and len(stack) == inside[2] and re.match(r"\s*[,{]", code[at + 1:at + 200]) is None:
                name, first, _ = inside
                found.append((name, code.count("\n", 0, first) + 1, code.count("\n", first, at) + 1))
                inside = None
        if inside is None:
            head = at + 1
        elif c == "}" and len(stack) == inside[2]:
            head = inside[1]  # an initialiser in braces: the same function goes on
            inside = None
    return found


def read_exceptions(root, findings):
    """{path or path#function: reason} of tools/long_files.txt."""
    exceptions = {}
    path = root / "tools/long_files.txt"
    for number, line in enumerate(path.read_text().splitlines() if path.is_file() else [], 1):
        if not line.strip() or line.startswith("#"):
            continue
        key, _, reason = line.partition(" ")
        if not reason.strip():
            findings.append(f"tools/long_files.txt:{number}: {key} stands without a reason; write one behind it")
        exceptions[key] = reason.strip()
    return exceptions


def main():
    root = root_from_arguments(__doc__)
    findings, remarks, used = [], [], set()
    exceptions = read_exceptions(root, findings)

    def judge(key, where, what, lines, limits):
        remark, refuse = limits
        if lines > refuse and key in exceptions:
            used.add(key)
        elif lines > refuse:
            findings.append(f"{where}: {what} has {lines} lines, {refuse} is the limit; divide it, "
                            f"or give a reason in tools/long_files.txt as {key}")
        elif lines > remark:
            remarks.append(f"{where}: {what} has {lines} lines")

    paths = [p for f in FOLDERS for p in sorted((root / f).rglob("*")) if p.suffix in SUFFIXES and p.is_file()]
    for path in paths + [root / s for s in SCRIPTS if (root / s).is_file()]:
        name = path.relative_to(root).as_posix()
        text = path.read_text()
        header = path.suffix == ".h"
        judge(name, name, "header" if header else "file", text.count("\n"), HEADER if header else FILE)
        if path.suffix in (".h", ".cc"):
            for function, line, lines in functions(text):
                judge(f"{name}#{function}", f"{name}:{line}", f"function {function}", lines, FUNCTION)
    for key in sorted(set(exceptions) - used):
        findings.append(f"tools/long_files.txt: {key} is no longer too long (or is gone); remove its line")
    finish("sizes", findings, remarks)


main()
