"""A flag from an argument: what it accepts follows from the annotation."""

import ast
from typing import Any

from absl import flags

from zoo.models.arguments import Argument

PARSERS = {
    "int": flags.IntegerParser(),
    "PositiveInt": flags.IntegerParser(lower_bound=1),
    "NonNegativeInt": flags.IntegerParser(lower_bound=0),
    "float": flags.FloatParser(),
    "NonNegativeFloat": flags.FloatParser(lower_bound=0),
    "Share": flags.FloatParser(0, 0.99999),
    "bool": flags.BooleanParser(),
    "str": flags.ArgumentParser(),
}


def define(name: str, argument: Argument, default: Any, text: str = "") -> None:
    """Declares the flag of an argument, with `text` in place of its help."""
    parser, text = of(argument.annotation), text or argument.help
    text = text[0].upper() + text[1:]
    if isinstance(parser, flags.BooleanParser):
        flags.DEFINE_bool(name, default, text)
    elif isinstance(parser, flags.EnumParser):
        flags.DEFINE_enum(name, default, parser.enum_values, text)
    else:
        flags.DEFINE(parser, name, default, text, serializer=SERIALIZER)


def of(annotation: str) -> flags.ArgumentParser | None:
    """The parser for an annotation, such as "PositiveInt | None"; None where no flag can be."""
    if annotation.startswith("Literal["):
        return flags.EnumParser(ast.literal_eval(f"({annotation[8:].partition(']')[0]},)"))
    if annotation.startswith("list["):
        return _Several(PARSERS[annotation[5:-1]])
    kinds = [kind.strip() for kind in annotation.split("|")]
    parser = PARSERS.get(kinds[0])
    several = any(kind.startswith(("Sequence[", "list[", "tuple[")) for kind in kinds)
    return _OneOrTwo(parser) if parser and several else parser


class _OneOrTwo(flags.ArgumentParser):
    """`25`, or `0,55` for a range; also the sides of an image, `28` or `28,36`."""

    syntactic_help = "a number, or two with a comma between"

    def __init__(self, number: flags.ArgumentParser):
        self.number = number

    def parse(self, argument: str | float | list) -> float | list[float]:
        if not isinstance(argument, str):
            return argument
        try:
            values = [self.number.parse(part) for part in argument.split(",")]
        except ValueError:
            values = []
        if len(values) not in (1, 2):
            raise ValueError(f"expected {self.syntactic_help}, such as 25 or 0,55")
        return values[0] if len(values) == 1 else values

    def flag_type(self) -> str:
        return "number or range"


class _Several(flags.ArgumentParser):
    """`3`, `3,3` or more: always a list."""

    syntactic_help = "numbers with commas between"

    def __init__(self, number: flags.ArgumentParser):
        self.number = number

    def parse(self, argument: str | list) -> list[float]:
        if not isinstance(argument, str):
            return argument
        try:
            return [self.number.parse(part) for part in argument.split(",")]
        except ValueError:
            raise ValueError(f"expected {self.syntactic_help}, such as 3,3") from None

    def flag_type(self) -> str:
        return "numbers"


class _Serializer(flags.ArgumentSerializer):
    def serialize(self, value: Any) -> str:
        if isinstance(value, list | tuple):
            return ",".join(self.serialize(v) for v in value)
        return f"{value:.15g}" if isinstance(value, float) else str(value)


SERIALIZER = _Serializer()
