"""What the zoo asks of a system: nothing that only some have, but where it says so."""

import ast
from pathlib import Path

import pytest

import zoo

ROOT = Path(zoo.__file__).parents[1]
POSIX = {"fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"}


@pytest.mark.parametrize("room", ["zoo", "export", "train.py"])
def test_no_module_is_of_one_system(room):
    files = [ROOT / room] if room.endswith(".py") else sorted((ROOT / room).rglob("*.py"))
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                imported = {alias.name for alias in node.names} | {getattr(node, "module", None)}
                assert not imported & POSIX, file


def test_the_systems_are_told():
    text = (ROOT / "BUILD.md").read_text()
    assert all(system in text for system in ("Linux", "macOS", "Windows"))
