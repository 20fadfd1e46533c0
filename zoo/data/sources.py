"""Opens pictures by name: a TFDS name, a person's folder, an embedded or a generated set."""

from types import ModuleType

from zoo.cli import UserError
from zoo.data import embedded, factor_sets, folder, names, pairs, several, tfds
from zoo.data.names import GIVEN, parts
from zoo.data.source import Source


def load(
    name: str,
    split: str = "",
    data_dir: str | None = None,
    channels: int = 0,
    repeat: bool = False,
) -> Source:
    """Opens a data set, or several as one.

    Args:
      name: `folder:PATH`, `pairs:DAMAGED:CLEAN`, `digits`, `photos`, `sprites`, `sprites_color`,
        `chairs`, or any tensorflow-datasets name; several with commas between, and 3* before one
        whose pictures are to be seen three times as often in training.
      split: in TFDS's language: `train`, `test[:100]`, `train[95%:]`; "" is all of `test`
        where there is one, else all of `train`.
      data_dir: where TFDS keeps its data; None is its own default.
      channels: 1 or 3; 0 is as the data has it (3 for a folder).
      repeat: whether 3* counts, which is for training; else every picture is there once.

    Raises:
      UserError: unknown name or split, an empty folder, or one with broken files only.
    """
    names.check(name)
    counted = parts(name)
    found = []
    for _, part in counted:
        kind = _kind(part)
        chosen = split or ("test" if "test" in kind.split_names(part, data_dir) else "train")
        found.append(kind.load(part, chosen, data_dir, channels))
    if len(counted) == 1:
        return found[0]
    if len({_kind(part) is pairs for _, part in counted}) > 1:
        raise UserError(f"--dataset={name}: pairs go with other pairs alone")
    return several.joined(name, found, [count if repeat else 1 for count, _ in counted])


def training_splits(name: str, data_dir: str | None = None) -> tuple[str, str]:
    """The default (training, validation) splits: `validation` if there is one, else 5 %."""
    if name == GIVEN:
        return "", ""
    if all("validation" in _kind(part).split_names(part, data_dir) for _, part in parts(name)):
        return "train", "validation"
    return "train[:95%]", "train[95%:]"


def _kind(name: str) -> ModuleType:
    """The module that opens `name`, by `split_names` and `load`."""
    if name.startswith(("folder:", "pairs:")):
        return folder if name.startswith("folder:") else pairs
    if name in factor_sets.NAMES:
        return factor_sets
    return embedded if name in embedded.NAMES else tfds
