"""What the checks in this folder share: the --root option, and how findings are told."""
import argparse
import pathlib
import re
import sys


def root_from_arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent,
                        help="the checkout to look at (default: this one)")
    return parser.parse_args().root.resolve()


def finish(name, findings, remarks=()):
    """Prints remarks and findings, then the verdict as the last line; does not return."""
    for line in remarks:
        print(f"  remark: {line}")
    for line in findings:
        print(line)
    print(f"{name}: {len(findings)} finding{'s' if len(findings) != 1 else ''}" if findings else f"{name} ok")
    sys.exit(bool(findings))


def cmake_text(path):
    """The file without comments; empty if there is none."""
    if not path.is_file():
        return ""
    return re.sub(r"#[^\n]*", "", path.read_text())


def cmake_calls(text, command):
    """The argument words of each call of `command`; no call of ours nests parentheses."""
    return [m.group(1).split() for m in re.finditer(rf"\b{command}\s*\(([^()]*)\)", text)]


def cpp_files(root, *folders):
    """C++ files below the folders, in order."""
    return sorted(p for folder in folders for p in (root / folder).rglob("*") if p.suffix in (".h", ".cc") and p.is_file())
