"""What is known of a constructor's argument, from which its flag follows (`zoo.models.flags`).

The annotations here are those that say more than a type: flags refuse what lies beyond.
"""

import re
from typing import Annotated, Any, NamedTuple

from zoo.cli import UserError

PositiveInt = Annotated[int, "at least 1"]
NonNegativeInt = Annotated[int, "at least 0"]
NonNegativeFloat = Annotated[float, "at least 0"]
Share = Annotated[float, "at least 0, below 1"]


class Argument(NamedTuple):
    """An argument as its source has it.

    Attributes:
      annotation: the text of it, such as "int | list[int]".
      default: its value.
      help: what the docstring says of it.
    """

    annotation: str
    default: Any
    help: str


def described(docstring: str) -> dict[str, str]:
    """What the section "Args:" of a docstring, unindented, says of each argument."""
    found: dict[str, str] = {}
    section = docstring.partition("\nArgs:\n")[2].partition("\n\n")[0]
    for line in section.splitlines():
        if start := re.match(r"  (\*{0,2}\w+): (.*)", line):
            name, found[start[1]] = start.groups()
        elif line.startswith("    ") and found:
            found[name] += f" {line.strip()}"
    return found


def chosen(flag: str, name: str, known: dict[str, Any]) -> Any:
    """What `--flag=name` stands for; raises UserError where nothing does."""
    if name not in known:
        raise UserError(f"unknown --{flag}={name}; choose {', '.join(known)}")
    return known[name]
