"""python -m zoo: the commands, a line each."""

import ast
import sys
from pathlib import Path

from zoo import __version__


def main() -> None:
    """Prints the version that --version asks for, or every command with what it is for."""
    if "--version" in sys.argv:
        print(__version__)
        return
    rooms = Path(__file__).parent
    files = sorted({*rooms.glob("*.py")} - {rooms / "cli.py"})
    files = [file for file in files if not file.name.startswith("_")]
    for file in [*files, *sorted(rooms.glob("*/__main__.py"))]:
        name = file.stem if file.parent == rooms else file.parent.name
        first = ast.get_docstring(ast.parse(file.read_text())).splitlines()[0]
        print(f"python -m zoo.{name:<18}{first.partition(': ')[2]}")
    print("\npython train.py trains a model, python -m export exports one; --help tells all flags.")


if __name__ == "__main__":
    main()
