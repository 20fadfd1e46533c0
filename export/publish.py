"""Artifacts are made in a hidden folder beside, and renamed into place when all are right."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from zoo.cli import UserError

PREFIX = ".export-"


@contextlib.contextmanager
def beside(output: Path) -> Iterator[Path]:
    """A hidden folder in `output` to write into; it is removed at the end, come what may.

    So are those of exports that were killed: a folder is locked while its export lives.
    """
    output.mkdir(parents=True, exist_ok=True)
    for left in output.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, Timeout), _locked(left):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=output))
    try:
        with _locked(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def require_new(output: Path) -> None:
    """Raises UserError where a README.md of somebody else's would be replaced."""
    if (output / "README.md").exists() and not (output / "report.json").exists():
        raise UserError(f"{output / 'README.md'} is of no export; choose another --output_dir")


def next_version(folder: Path) -> int:
    """One more than the newest version in a served model's folder."""
    versions = [int(p.name) for p in folder.glob("*") if p.name.isdigit()]
    return max(versions, default=0) + 1


def publish(made: Path, output: Path) -> None:
    """Renames each artifact into place; the folder that a server watches for comes last."""
    files = [*made.glob("tflite/*"), *made.glob("*.json"), made / "README.md"]
    for path in [*files, *made.glob("serving/*/*")]:
        target = output / path.relative_to(made)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, target)


def _locked(folder: Path) -> FileLock:
    """Raises Timeout where another process holds the lock, which ends with that process."""
    return FileLock(folder / ".lock", blocking=False)
