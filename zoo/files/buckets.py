"""Paths in a bucket, such as gs://photos/2024, by tf.io.gfile; they answer as pathlib's do."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, NamedTuple

from zoo import cli


class Stat(NamedTuple):
    st_size: int
    st_mtime_ns: int


def path(text: str) -> "Path | BucketPath":
    """A path in a bucket where `text` has a scheme (gs://, s3://, ...), else a local one."""
    return BucketPath(text) if "://" in text else Path(os.path.expanduser(text))


class BucketPath(PurePosixPath):
    """What TensorFlow has a file system for. Its errors become OSError."""

    __slots__ = ()

    def __str__(self) -> str:
        scheme, *rest = self.parts or [""]
        return f"{scheme}//{'/'.join(rest)}" if scheme.endswith(":") else super().__str__()

    def __fspath__(self) -> str:
        return str(self)

    def resolve(self) -> "BucketPath":
        return self

    def absolute(self) -> "BucketPath":
        return self

    def exists(self) -> bool:
        with _gfile() as gfile:
            return gfile.exists(str(self))

    def is_dir(self) -> bool:
        with _gfile() as gfile:
            return gfile.isdir(str(self))

    def files(self) -> Iterator["BucketPath"]:
        """All files below."""
        with _gfile() as gfile:
            for folder, _, names in gfile.walk(str(self)):
                yield from (BucketPath(folder, name) for name in names)

    def glob(self, pattern: str) -> Iterator["BucketPath"]:
        with _gfile() as gfile:
            yield from map(BucketPath, gfile.glob(str(self / pattern)))

    def stat(self) -> Stat:
        with _gfile() as gfile:
            found = gfile.stat(str(self))
            return Stat(found.length, found.mtime_nsec)

    def open(self, mode: str = "r") -> IO:
        """A file object; nothing is asked of the bucket before it is used."""
        with _gfile() as gfile:
            return gfile.GFile(str(self), mode)

    def read_bytes(self) -> bytes:
        with _gfile(), self.open("rb") as file:
            return file.read()

    def write_bytes(self, content: bytes) -> None:
        with _gfile(), self.open("wb") as file:
            file.write(content)

    def mkdir(self, parents: bool = True, exist_ok: bool = True) -> None:
        with _gfile() as gfile:
            gfile.makedirs(str(self))

    def replace(self, target: "BucketPath") -> None:
        with _gfile() as gfile:
            gfile.rename(str(self), str(target), overwrite=True)

    def unlink(self, missing_ok: bool = False) -> None:
        with _gfile() as gfile:
            if not missing_ok or gfile.exists(str(self)):
                gfile.remove(str(self))


@contextlib.contextmanager
def _gfile() -> Iterator:
    cli.start_tensorflow()
    import tensorflow as tf

    try:
        yield tf.io.gfile
    except tf.errors.NotFoundError as error:
        raise FileNotFoundError(error.message) from None
    except tf.errors.OpError as error:
        raise OSError(error.message) from None
