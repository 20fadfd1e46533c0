"""Pictures in chunks, so that a million names are some thousands of tasks."""

import itertools
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from zoo.files.buckets import BucketPath
from zoo.restoration.done import Manifest
from zoo.restoration.jobs import Job
from zoo.restoration.order import Order


class Work(NamedTuple):
    """What is the same for all chunks.

    Attributes:
      order: what is done to a picture.
      settings: `order.settings()` as JSON, by which a worker knows that its weights are the same.
      output_dir: as all workers see it.
    """

    order: Order
    settings: str
    output_dir: Path | BucketPath


class Chunk(NamedTuple):
    """Some pictures, and what is recorded of these and of others that may want their outputs."""

    jobs: list[Job]
    lines: list[dict]

    def halves(self) -> "list[Chunk]":
        middle = len(self.jobs) // 2
        return [Chunk(part, self.lines) for part in (self.jobs[:middle], self.jobs[middle:])]


def chunks_of(
    jobs: Sequence[Job], waiting: Collection[Job], manifest: Manifest, size: int
) -> Iterator[Chunk]:
    """Chunks of about `size` pictures.

    Pictures that differ in their suffix alone, whose outputs may all become the same PNG, stay
    together, so that a worker sees which was first.

    Args:
      jobs: all pictures.
      waiting: those that are to be done.
      manifest: what is known of all.
      size: pictures in a chunk.
    """
    waiting, chunk = set(waiting), Chunk([], [])
    for _, alike in itertools.groupby(sorted(jobs, key=_without_suffix), _without_suffix):
        alike = list(alike)
        new = [job for job in alike if job in waiting]
        if not new:
            continue
        chunk.jobs.extend(new)
        chunk.lines.extend(line for job in alike if (line := manifest.line(job.target)))
        if len(chunk.jobs) >= size:
            yield chunk
            chunk = Chunk([], [])
    if chunk.jobs:
        yield chunk


def _without_suffix(job: Job) -> str:
    return str(job.target.with_suffix(""))
