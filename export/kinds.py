"""The formats of an export, by the names that --formats takes."""

from collections.abc import Sequence

from zoo.cli import UserError

ALL = "saved_model", "float32", "float16", "dynamic_int8", "int8"


def known(kinds: Sequence[str]) -> list[str]:
    """These formats, or all; raises UserError for others."""
    unknown = [kind for kind in kinds if kind not in ALL]
    if unknown:
        raise UserError(f"unknown --formats={','.join(unknown)}; choose from {','.join(ALL)}")
    return list(kinds or ALL)
