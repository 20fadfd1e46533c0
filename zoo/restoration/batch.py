"""Many pictures through the same models: a bar, a line for each, and a record of what is done."""

import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from tqdm import tqdm

from zoo.cli import UserError
from zoo.files import image_files
from zoo.files.buckets import BucketPath
from zoo.files.image_files import BrokenImage, Picture
from zoo.restoration import beside, one_picture
from zoo.restoration.done import Manifest
from zoo.restoration.jobs import Job
from zoo.restoration.pipelined import overlapped

if TYPE_CHECKING:
    from zoo.images.degradations import Step
    from zoo.models.base import Model
    from zoo.restoration.chain import Chain


class Written(NamedTuple):
    path: Path | BucketPath
    seconds: float  # in the model


class Output(NamedTuple):
    """How pictures are written.

    Attributes:
      format: a suffix without its dot; "" for that of what was given, where it holds the result.
      quality: 1 to 100, where a format is lossy; None for ours.
      strip_metadata: whether camera, place and text stay behind.
      overwrite: whether to replace what another command has written there.
    """

    format: str = ""
    quality: int | None = None
    strip_metadata: bool = False
    overwrite: bool = False

    def path(
        self, target: Path | BucketPath, pictures: list[Picture], exact: bool
    ) -> Path | BucketPath:
        """The output's name; PNG where pixels must stay as they are and its format is lossy."""
        if self.format:
            return target
        return image_files.output_name(target, pictures[0], len(pictures), exact)

    def refuse(self, others: list[Path | BucketPath]) -> None:
        """Raises UserError where there are outputs of another command, and they are to stay."""
        if others and not self.overwrite:
            more = f", and {len(others) - 1} more" if len(others) > 1 else ""
            raise UserError(
                f"{others[0]}{more}: there already, and not made by this command; change "
                "--output_dir, or replace by --overwrite"
            )


@dataclass
class Bulk:
    """Restores jobs one after the other.

    Attributes:
      model: one with a `restore` signature, or several in a row.
      given: what stands beside the pictures, by kind; {} for models that take nothing.
      coloring: the seed of other colors; None for the likeliest.
      degrade: what to do to a picture first; the same for a picture whoever does it.
      strength: how far from a picture, 0, to what the network makes of it, 1.
      compare: whether to write NAME_compare.png too.
      output: how the pictures are written.
      quiet: whether to leave out the bar and the lines, as a process does that is one of many.
      taken: names of outputs that other pictures have a right to.
      failed: the files that were left out, and why; filled while they are.
      seconds: spent in the model.
    """

    model: "Model | Chain"
    given: beside.Given = field(default_factory=dict)
    coloring: int | None = None
    degrade: "Sequence[Step]" = ()
    strength: float = 1.0
    compare: bool = False
    output: Output = field(default_factory=Output)
    quiet: bool = False
    taken: set[Path | BucketPath] = field(default_factory=set)
    failed: dict[Path | BucketPath, str] = field(default_factory=dict)
    seconds: float = 0.0

    def restore(self, jobs: list[Job], manifest: Manifest) -> int:
        """Does what `manifest` does not know as done, and returns how many those were."""
        import tensorflow as tf

        wanted = {job: manifest.wanted(job.target, files_of(job, self.given)) for job in jobs}
        new = [job for job in jobs if not manifest.has(wanted[job])]
        self.output.refuse([job.target for job in new if not manifest.may_write(job.target)])
        self.wanted, self.manifest = wanted, manifest
        self.taken |= manifest.outputs() - {job.target for job in new}
        before = len(jobs) - len(new)
        self.places = {job: place for place, job in enumerate(new, before)}
        shown = {"unit": "image", "disable": self.quiet or None}
        self.bar = tqdm(total=len(jobs), initial=before, **shown)
        errors = BrokenImage, UserError, OSError, tf.errors.OpError  # the last: no more memory
        try:
            for job, outcome in overlapped(new, self._read, self._compute, self._write, errors):
                if isinstance(outcome, Written):
                    self.seconds += outcome.seconds
                    manifest.add(wanted[job], outcome.path)
                    self._say(f"{job.source} -> {outcome.path}")
                else:
                    self.failed[job.source] = str(outcome)
                    self._say(f"skipped {job.source}: {outcome}", sys.stderr)
            self._show(len(jobs))
        finally:
            manifest.flush()
            self.bar.close()
        return len(new)

    def _read(self, job: Job) -> tuple[list[Picture], dict[str, np.ndarray]]:
        told = {} if self.coloring is None else {"coloring": self.coloring}
        return image_files.read_all(job.source), beside.read(job.source, self.given) | told

    def _compute(self, job: Job, read: tuple) -> list[one_picture.Restored]:
        pictures, extra = read
        self.bar.set_description(job.source.name, refresh=False)
        seed = zlib.crc32(job.target.name.encode(errors="surrogateescape"))
        given = extra, self.degrade, seed, self.strength

        def restored(number: int, picture: Picture) -> one_picture.Restored:
            def tile_done(done: float, total: int) -> None:
                self._show(self.places[job] + (number + done / total) / len(pictures))

            return one_picture.restore(self.model, picture, *given, tile_done)

        return [restored(number, picture) for number, picture in enumerate(pictures)]

    def _write(self, job: Job, restored: list[one_picture.Restored]) -> Written:
        pictures, output = [each.picture for each in restored], self.output
        path = output.path(job.target, pictures, getattr(self.model, "keeps_pixels", False))
        if path != job.target and path in self.taken:
            raise UserError(f"{path.name} would be its output, and another file's too; rename one")
        if not self.manifest.may_write(path, job.target):
            output.refuse([path])
        self.taken.add(path)
        self.manifest.begin(self.wanted[job], path)
        if output.strip_metadata:
            pictures = [each._replace(carried=each.carried.stripped()) for each in pictures]
        image_files.write(path, pictures, output.quality)
        if self.compare:
            image_files.write(path.with_name(f"{path.stem}_compare.png"), restored[0].beside())
        return Written(path, sum(each.seconds for each in restored))

    def _show(self, done: float) -> None:
        self.bar.n = round(done, 2)
        self.bar.refresh()

    def _say(self, line: str, file=None) -> None:
        if not self.quiet:
            say(line, file)


def say(line: str, file=None) -> None:
    """A line beside the bar; names that are no UTF-8 come out escaped."""
    tqdm.write(line.encode(errors="backslashreplace").decode(), file=file)


def files_of(job: Job, given: beside.Given) -> list[Path | BucketPath]:
    """The picture's, and those of what stands beside it."""
    try:
        return [job.source, *beside.files(job.source, given)]
    except BrokenImage:  # which whoever reads it will say
        return [job.source]
