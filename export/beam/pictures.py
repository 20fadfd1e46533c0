"""From files, folders and patterns to pictures, each with the PNG that is to be made of it."""

import fnmatch
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from zoo.cli import UserError
from zoo.files import buckets, image_files
from zoo.files.buckets import BucketPath
from zoo.restoration.jobs import Job, jobs_of


class Listed(NamedTuple):
    waiting: list[Job]
    done: int  # pictures whose PNG is there


def listed(inputs: Sequence[str], output_dir: Path | BucketPath) -> Listed:
    """All pictures; sub-folders of a folder, or of what stands before a pattern, are kept.

    Raises:
      UserError: where there are none, or two would be written to the same place.
    """
    found: dict[Path | BucketPath, Job] = {}
    for given in inputs:
        folder, pattern = _split(given)
        jobs = [x for x in jobs_of([folder], output_dir) if fnmatch.fnmatch(str(x.source), pattern)]
        if not jobs:
            raise UserError(f"--input={given} matches no pictures")
        for job in jobs:
            job = job._replace(target=job.target.with_suffix(".png"))
            other = found.setdefault(job.target, job)
            if other.source != job.source:
                raise UserError(
                    f"{other.source} and {job.source} would both be written to {job.target}; "
                    "give them two --output_dir, or rename one"
                )
    there = set(image_files.find(output_dir))
    waiting = [job for target, job in found.items() if target not in there]
    return Listed(waiting, len(found) - len(waiting))


def _split(given: str) -> tuple[str, str]:
    """A pattern's folder, and a pattern for whole paths, in which * stands for slashes too."""
    path = buckets.path(given)
    parts = path.parts
    magic = [i for i, part in enumerate(parts) if set(part) & set("*?[")]
    if not magic or path.exists():
        return given, "*"
    return str(type(path)(*parts[: magic[0]])), str(path).replace("**/", "*")
