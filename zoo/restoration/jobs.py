"""From what was named on a command line to pictures, each with the place of its output."""

import fnmatch
import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from zoo.cli import UserError
from zoo.files import buckets, image_files
from zoo.files.buckets import BucketPath


class Job(NamedTuple):
    source: Path | BucketPath
    target: Path | BucketPath  # without regard to its format


def jobs_of(arguments: Sequence[str], output_dir: Path | BucketPath, suffix: str = "") -> list[Job]:
    """All files, and all in the folders, that were named; refuses what would be overwritten.

    Args:
      arguments: paths, and patterns in which * goes through folders too. Sub-folders of a folder,
        or of what stands before a pattern, are kept.
      output_dir: where the outputs go, by the same names.
      suffix: which all outputs get; "" for their own.
    """
    require_pictures(arguments)
    jobs, here = [], output_dir.resolve()
    # Of many files in few folders; to resolve each takes most of a millisecond.
    resolved = functools.cache(lambda folder: folder.resolve())
    for argument in map(buckets.path, arguments):
        if folder := argument if argument.is_dir() else _before_pattern(argument):
            found = image_files.find(folder) if folder.is_dir() else []
            if here != folder.resolve():  # outputs of a run before, below the inputs
                found = [file for file in found if not _is_below(resolved(file.parent), here)]
            if folder != argument:
                pattern = str(argument).replace("**/", "*")
                found = [file for file in found if fnmatch.fnmatchcase(str(file), pattern)]
            if not found:
                raise UserError(f"{argument} has no images in it")
            jobs += [Job(file, output_dir / file.relative_to(folder)) for file in found]
        elif argument.exists():
            jobs.append(Job(argument, output_dir / argument.name))
        else:
            raise UserError(f"{argument} does not exist")
    if suffix:
        jobs = [Job(source, target.with_suffix(suffix)) for source, target in jobs]
    inputs = {
        source.resolve() if _is_link(source) else resolved(source.parent) / source.name
        for source, _ in jobs
    }
    taken: dict[Path | BucketPath, Path | BucketPath] = {}
    for source, target in jobs:
        # The output may change its format to PNG, so that either name must be free.
        for name in (target, target.with_suffix(".png")):
            if resolved(name.parent) / name.name in inputs:
                raise UserError(f"{name} is an input and would be overwritten; change --output_dir")
        if taken.setdefault(target, source) != source:
            raise UserError(f"{taken[target]} and {source} would both be written to {target}")
    return jobs


def require_pictures(named: Sequence[str | Job]) -> None:
    """Raises UserError where none were named."""
    if not named:
        raise UserError("no pictures given; name files or folders after the flags")


def _is_below(folder: Path | BucketPath, other: Path | BucketPath) -> bool:
    return folder == other or other in folder.parents


def _is_link(path: Path | BucketPath) -> bool:
    return isinstance(path, Path) and path.is_symlink()


def _before_pattern(path: Path | BucketPath) -> Path | BucketPath | None:
    """The folder before the first part with *, ? or [; None where that is just a name."""
    if path.exists():
        return None
    magic = [place for place, part in enumerate(path.parts) if set(part) & set("*?[")]
    return type(path)(*path.parts[: magic[0]]) if magic else None


def shard_of(text: str) -> tuple[int, int]:
    """ "0/4" -> (0, 4): the first of four parts."""
    first, _, second = text.partition("/")
    if not (first.isdecimal() and second.isdecimal() and int(first) < int(second)):
        raise UserError(f"--shard={text} must be i/n with 0 <= i < n, such as 0/4")
    return int(first), int(second)


def in_shard(name: Path | BucketPath, shard: tuple[int, int]) -> bool:
    """Whether a picture is this shard's: by its name, so that a later file moves no other."""
    digest = hashlib.sha256(str(name).encode(errors="surrogateescape")).digest()
    return int.from_bytes(digest[:8], "big") % shard[1] == shard[0]
