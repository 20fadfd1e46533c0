"""What the sub-folders of a person's pictures mean: splits by their usual names, else classes."""

import hashlib
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from zoo.cli import UserError
from zoo.data import defects
from zoo.files import image_files

NAMES = {
    "train": {"train", "training"},
    "validation": {"validation", "val", "valid", "dev"},
    "test": {"test", "testing"},
}


class Layout(NamedTuple):
    """Files and their classes.

    Attributes:
      files: by split; all is `train` where no sub-folder has a split's name.
      class_of: the name of each file's class, its folder's; None for one that stands in none.
      class_names: of the whole folder, so that a class has one number in all splits and slices.
    """

    files: dict[str, list[Path]]
    class_of: dict[Path, str | None]
    class_names: list[str]


def root_of(name: str) -> Path:
    """The folder of `folder:PATH`, or of a path alone; raises UserError where there is none."""
    root = Path(name.removeprefix("folder:")).expanduser()
    if not root.is_dir():
        raise UserError(f"{root} is not a folder; --dataset=folder:PATH takes one with images")
    return root


def require_images(root: Path) -> None:
    """Raises UserError where there is none in a folder, after a look at the first."""
    if not image_files.any_in(root):
        kinds = " ".join(sorted(image_files.FORMATS))
        raise UserError(f"{root} has no images ({kinds}), not in its sub-folders either")


def of(root: Path) -> Layout:
    """Looks through a folder; raises UserError where it has no images, or a split twice."""
    folders = splits(root)
    files = {split: fair_order(folder) for split, folder in folders.items()}
    if not any(files.values()):
        named = " and ".join(folder.name for folder in folders.values())
        raise UserError(f"{root} has images, but none in {named}")
    class_of = {file: _class(file, folders[k]) for k, found in files.items() for file in found}
    if defects.known(class_of.values()):  # masks may lie beside the parts, and are none
        files = {k: [f for f in v if class_of[f] not in defects.MASKS] for k, v in files.items()}
    kept = [file for found in files.values() for file in found]
    class_of = {file: class_of[file] for file in kept}
    return Layout(files, class_of, sorted(set(filter(None, class_of.values()))))


def fair_order(folder: Path) -> list[Path]:
    """All images below a folder, so ordered that every slice has its share of each sub-folder.

    Within a sub-folder they go by their names' hashes, so that a slice stays what it is.
    """
    by_class = defaultdict(list)
    for file in image_files.find(folder):
        by_class[_class(file, folder) or ""].append(file)

    def digest(file: Path) -> bytes:
        return hashlib.sha1(inside(file, folder).encode()).digest()

    placed = [
        ((i + 0.5) / len(found), name, file)
        for name, found in by_class.items()
        for i, file in enumerate(sorted(found, key=digest))
    ]
    return [file for *_, file in sorted(placed)]


def splits(root: Path) -> dict[str, Path]:
    """The folder of each split, whichever way its name is written.

    Raises UserError where there are no images, or a split is there twice.
    """
    require_images(root)
    found: dict[str, Path] = {}
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        for split, names in NAMES.items():
            if folder.name.lower() in names and found.setdefault(split, folder) != folder:
                other = found[split].name
                raise UserError(f"{root} has {other} and {folder.name}; which is for {split}?")
    return (
        {name: found[name] for name in NAMES if name in found}
        if "train" in found
        else {"train": root}
    )


def inside(file: Path, folder: Path) -> str:
    """The file's path from a folder that it lies in; `Path.relative_to` takes ten times as long."""
    return "/".join(file.parts[len(folder.parts) :])


def _class(file: Path, folder: Path) -> str | None:
    name, *deeper = file.parts[len(folder.parts) :]
    return name if deeper else None
