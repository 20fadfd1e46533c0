"""Files that appear whole or not at all: written beside, and renamed when all is well."""

import contextlib
import json
import math
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from zoo.files.buckets import BucketPath


@contextlib.contextmanager
def beside(path: Path | BucketPath) -> Iterator[Path | BucketPath]:
    """A name to write to, which becomes `path` when all is well, and nothing otherwise.

    Several processes and machines may write the same file at once; the last one stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # A process id would not do: containers on two machines often share one.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def require_folder(folder: Path | BucketPath) -> None:
    """Raises OSError where a folder cannot be made or written into, before work is lost."""
    while not (isinstance(folder, BucketPath) or folder.exists()):  # a bucket has no folders
        folder = folder.parent
    probe = folder / f".{secrets.token_hex(4)}.tmp"
    try:
        probe.write_bytes(b"")
    except OSError as error:
        raise OSError(f"cannot write into {folder}: {error.strerror or error}") from None
    probe.unlink(missing_ok=True)


def write_bytes(path: Path | BucketPath, content: bytes) -> None:
    """Writes a whole file."""
    with beside(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path | BucketPath, text: str) -> None:
    """Writes a whole file, in UTF-8."""
    write_bytes(path, text.encode())


def write_json(path: Path | BucketPath, content: Any) -> None:
    """Writes indented JSON; what is not a finite number, which JSON cannot say, as null."""
    write_text(path, json.dumps(_sayable(content), indent=1, allow_nan=False) + "\n")


def _sayable(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _sayable(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_sayable(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
