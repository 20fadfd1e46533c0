"""Opens pictures by name: a TFDS name, a person's folder, an embedded or a generated set."""

from types import ModuleType

from zoo.data import embedded, factor_sets, folder, tfds
from zoo.data.source import Source


def load(name: str, split: str = "", data_dir: str | None = None, channels: int = 0) -> Source:
    """Opens a data set.

    Args:
      name: `folder:PATH`, `digits`, `photos`, `sprites`, `sprites_color`, `chairs`, or any
        tensorflow-datasets name.
      split: in TFDS's language: `train`, `test[:100]`, `train[95%:]`; "" is all of `test`
        where there is one, else all of `train`.
      data_dir: where TFDS keeps its data; None is its own default.
      channels: 1 or 3; 0 is as the data has it (3 for a folder).

    Raises:
      UserError: unknown name or split, an empty folder, or one with broken files only.
    """
    kind = _kind(name)
    split = split or ("test" if "test" in kind.split_names(name, data_dir) else "train")
    return kind.load(name, split, data_dir, channels)


def training_splits(name: str, data_dir: str | None = None) -> tuple[str, str]:
    """The default (training, validation) splits: `validation` if there is one, else 5 %."""
    if "validation" in _kind(name).split_names(name, data_dir):
        return "train", "validation"
    return "train[:95%]", "train[95%:]"


def _kind(name: str) -> ModuleType:
    """The module that opens `name`, by `split_names` and `load`."""
    if name.startswith("folder:"):
        return folder
    if name in factor_sets.NAMES:
        return factor_sets
    return embedded if name in embedded.NAMES else tfds
