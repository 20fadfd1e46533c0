"""The documents, in pieces: what is in code, what is linked, which commands there are."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = "zoo", "export", "benchmarks", "docs", "tests", ".github", ".ci"
PATHS = sorted(
    path
    for pattern in ("*.md", *(f"{room}/**/*.md" for room in ROOMS))
    for path in ROOT.glob(pattern)
    if "node_modules" not in path.parts
)
NAMES = [str(path.relative_to(ROOT)) for path in PATHS]


def blocks(document: str, language: str = "") -> list[str]:
    """The fenced blocks of a language; most have none, and hold commands."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / document).read_text(), re.M | re.S)
    return [block for kind, block in found if kind == language]


def prose(document: str) -> str:
    """What stands outside of fenced blocks."""
    return re.sub(r"^```.*?^```", "", (ROOT / document).read_text(), flags=re.M | re.S)


def spans(document: str) -> list[str]:
    """What stands in single backticks, each in one line."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(document))]


def commands(document: str) -> list[str]:
    """Lines of blocks that start a Python of the zoo, as they are written."""
    lines = [line for block in blocks(document) for line in block.splitlines()]
    return [line for line in lines if python(line)]


def python(line: str) -> list[str]:
    """The arguments of a command that starts a Python; [] where a line is no such command."""
    found = re.match(r"(ZOO_MODELS=\S+ )?(\.venv\S*/)?python (?P<arguments>.*)", line)
    return shlex.split(found["arguments"], comments=True) if found else []


def reading_order() -> list[str]:
    """README, BUILD.md, and then what that leads to: a page may use the runs of those before."""
    return list(dict.fromkeys(["README.md", "BUILD.md", *links("BUILD.md"), *NAMES]))


def links(document: str) -> list[str]:
    """The documents that one links to, from the repository's root."""
    found = re.findall(r"\]\(([^):#]+\.md)", prose(document))
    paths = [((ROOT / document).parent / link).resolve() for link in found]
    return [str(path.relative_to(ROOT)) for path in paths]
