"""Many pictures through the same models: a bar, a line for each, and a record of what is done."""

import sys
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from tqdm import tqdm

from zoo.cli import UserError
from zoo.files import image_files
from zoo.files.buckets import BucketPath
from zoo.files.image_files import BrokenImage, Picture
from zoo.restoration import one_picture
from zoo.restoration.done import Manifest
from zoo.restoration.jobs import Job
from zoo.restoration.pipelined import overlapped

if TYPE_CHECKING:
    from zoo.models.base import Model
    from zoo.restoration.chain import Chain


class Written(NamedTuple):
    path: Path | BucketPath
    seconds: float  # in the model


@dataclass
class Bulk:
    """Restores jobs one after the other.

    Attributes:
      model: one with a `restore` signature, or several in a row.
      extra: the signatures' other inputs, [h, w, c].
      noise_stddev: of noise to add first, 0 to 255; the same for a picture whoever does it.
      strength: how far from a picture, 0, to what the network makes of it, 1.
      compare: whether to write NAME_compare.png too.
      taken: names of outputs that other pictures have a right to.
      failed: the files that were left out, filled while they are.
      seconds: spent in the model.
    """

    model: "Model | Chain"
    extra: dict[str, np.ndarray] = field(default_factory=dict)
    noise_stddev: float = 0.0
    strength: float = 1.0
    compare: bool = False
    taken: set[Path | BucketPath] = field(default_factory=set)
    failed: list[Path | BucketPath] = field(default_factory=list)
    seconds: float = 0.0

    def restore(self, jobs: list[Job], manifest: Manifest) -> int:
        """Does what `manifest` does not know as done, and returns how many those were."""
        wanted = {job: manifest.wanted(job.source, job.target) for job in jobs}
        new = [job for job in jobs if not manifest.has(wanted[job])]
        before = len(jobs) - len(new)
        self.places = {job: place for place, job in enumerate(new, before)}
        self.bar = tqdm(total=len(jobs), initial=before, unit="image", disable=None)
        errors = BrokenImage, UserError, OSError
        try:
            for job, outcome in overlapped(new, self._read, self._compute, self._write, errors):
                if isinstance(outcome, Written):
                    self.seconds += outcome.seconds
                    manifest.add(wanted[job], outcome.path)
                    _say(f"{job.source} -> {outcome.path}")
                else:
                    self.failed.append(job.source)
                    _say(f"skipped {job.source}: {outcome}", sys.stderr)
            self._show(len(jobs))
        finally:
            manifest.flush()
            self.bar.close()
        return len(new)

    def _read(self, job: Job) -> Picture:
        return image_files.read(job.source)

    def _compute(self, job: Job, picture: Picture) -> one_picture.Restored:
        def tile_done(done: float, total: int) -> None:
            self._show(self.places[job] + done / total)

        self.bar.set_description(job.source.name, refresh=False)
        seed = zlib.crc32(job.target.name.encode(errors="surrogateescape"))
        return one_picture.restore(
            self.model, picture, self.extra, self.noise_stddev, seed, self.strength, tile_done
        )

    def _write(self, job: Job, restored: one_picture.Restored) -> Written:
        path = image_files.output_name(job.target, restored.picture)
        if path != job.target and path in self.taken:
            raise UserError(f"{path.name} would be its output, and another file's too; rename one")
        image_files.write(path, restored.picture)
        if self.compare:
            image_files.write(path.with_name(f"{path.stem}_compare.png"), restored.beside())
        return Written(path, restored.seconds)

    def _show(self, done: float) -> None:
        self.bar.n = round(done, 2)
        self.bar.refresh()


def _say(line: str, file=None) -> None:
    """A line beside the bar; names that are no UTF-8 come out escaped."""
    tqdm.write(line.encode(errors="backslashreplace").decode(), file=file)
