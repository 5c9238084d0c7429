#!/usr/bin/env python3
"""Docs: links lead somewhere, each module introduces itself, each dependency is named, nothing ties us to one machine."""
import pathlib
import re
import subprocess

from findings import cmake_calls, cmake_text, finish, root_from_arguments

README_LINES = 40
ARCHITECTURE_LINES = 200
# Put together from parts, so that this file does not hold what it refuses.
MACHINE_PATHS = ["/" + p + "/" for p in ("root", "work", "Users")] + ["/" + "home/"]
REGISTRIES = [".".join(p) for p in (
    ("registry", "npmjs", "org"), ("registry", "yarnpkg", "com"), ("deb", "debian", "org"), ("security", "debian", "org"),
    ("pypi", "org"), ("files", "pythonhosted", "org"), ("proxy", "golang", "org"), ("static", "crates", "io"),
    ("index", "crates", "io"), ("registry", "hub", "docker", "com"), ("docker", "io"), ("ghcr", "io"), ("quay", "io"),
    ("pkg", "dev"), ("jfrog", "io"))]


def prose(text):
    """Markdown without code, line by line."""
    text = re.sub(r"^(```|~~~).*?^\1", lambda m: "\n" * m.group().count("\n"), text, flags=re.M | re.S)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(text):
    """The fragments that headings (and explicit ids) of a page answer to, as forges make them."""
    found, seen = set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text)), {}
    fenceless = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.M | re.S)
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", fenceless, flags=re.M):
        heading = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        n = seen.get(slug, 0)
        seen[slug] = n + 1
        found.add(slug if n == 0 else f"{slug}-{n}")
    return found


def links(text):
    for number, line in enumerate(prose(text).splitlines(), 1):
        for target in re.findall(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)", line) + re.findall(r"^\s*\[[^\]]+\]:\s*(\S+)", line):
            yield number, target


def broken_links(root, page):
    name = page.relative_to(root).as_posix()
    for number, target in links(page.read_text()):
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        file, _, fragment = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        if file.startswith("/") or not there.is_relative_to(root):
            yield f"{name}:{number}: the link {target} leaves the checkout; write it relative to this page"
        elif not there.exists():
            yield f"{name}:{number}: the link {target} leads nowhere"
        elif fragment and there.suffix == ".md" and fragment not in anchors(there.read_text()):
            yield f"{name}:{number}: no heading of {there.name} makes the anchor #{fragment}"


def module_readmes(root):
    src = root / "src"
    for folder in sorted(p for p in src.iterdir() if p.is_dir()) if src.is_dir() else []:
        readme = folder / "README.md"
        if not any(p.is_file() for p in folder.rglob("*")):
            continue
        if not readme.is_file():
            yield f"src/{folder.name}/README.md is missing; say purpose, entry header, one example"
        elif readme.read_text().count("\n") > README_LINES:
            yield f"src/{folder.name}/README.md has more than {README_LINES} lines"


def unnamed_dependencies(root):
    page = root / "docs/dependencies.md"
    text = page.read_text() if page.is_file() else ""
    dev = (root / "dev").read_text() if (root / "dev").is_file() else ""
    packages = {p for body in re.findall(r"^\w+_PACKAGES=\(([^)]*)\)", dev, flags=re.M) for p in body.split()}
    for package in sorted(packages):
        if f"`{package}`" not in text:
            yield f"docs/dependencies.md does not name the package `{package}`, which ./dev installs"
    lists = [p for p in [root / "CMakeLists.txt", *sorted((root / "cmake").glob("*.cmake")),
                         *sorted(p for d in ("src", "tests", "bench", "fuzz") for p in (root / d).rglob("CMakeLists.txt"))]]
    for call in [c for p in lists for c in cmake_calls(cmake_text(p), "find_package")]:
        if not re.search(rf"\b{re.escape(call[0])}\b", text, flags=re.I):
            yield f"docs/dependencies.md does not name {call[0]}, which find_package asks for"


def tracked_files(root):
    git = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"], capture_output=True,
                         text=True, check=False)
    if git.returncode == 0:
        return [root / n for n in git.stdout.split("\0") if n and (root / n).is_file()]
    ignored = ("build", "bin", ".deps", "var", ".git")
    return [p for p in sorted(root.rglob("*")) if p.is_file() and p.relative_to(root).parts[0] not in ignored]


def ties_to_a_machine(root):
    refused = re.compile("|".join([rf"(?<![\w.:/-]){re.escape(p)}" for p in MACHINE_PATHS] +
                                  [rf"(?<!\w){re.escape(r)}\b" for r in REGISTRIES]))
    for path in tracked_files(root):
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            m = refused.search(line)
            if m:
                kind = "an absolute path of a machine" if m.group().startswith("/") else "the host name of a registry"
                yield f"{path.relative_to(root).as_posix()}:{number}: found {kind}, {m.group()}; nobody else has it"


def main():
    root = root_from_arguments(__doc__)
    findings = []
    pages = [root / n for n in ("README.md", "CONTRIBUTING.md")] + sorted((root / "docs").rglob("*.md")) + sorted(
        (root / "src").glob("*/README.md"))
    for page in pages:
        if page.is_file():
            findings += broken_links(root, page)
    for name in ("README.md", "CONTRIBUTING.md", "docs/dependencies.md", "docs/ARCHITECTURE.md"):
        if not (root / name).is_file():
            findings.append(f"{name} is missing")
    readme = root / "README.md"
    for command in ("./dev up", "./dev test") if readme.is_file() else ():
        if command not in readme.read_text():
            findings.append(f"README.md does not mention {command}")
    architecture = pathlib.Path(root / "docs/ARCHITECTURE.md")
    if architecture.is_file() and architecture.read_text().count("\n") > ARCHITECTURE_LINES:
        findings.append(f"docs/ARCHITECTURE.md has more than {ARCHITECTURE_LINES} lines")
    findings += module_readmes(root)
    findings += unnamed_dependencies(root)
    findings += ties_to_a_machine(root)
    finish("docs", findings)


main()
