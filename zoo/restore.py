"""python -m zoo.restore: pictures in, restored pictures out.

    python -m zoo.restore --run=sr_x3 in.jpg more/ --output_dir=out
    python -m zoo.restore --run=complete --mask=mask.png in.jpg --output_dir=out

Upright as the camera meant them, with their alpha and bit depth; sub-folders are kept.
A file that cannot be restored is named and left out, and the exit status is then 2.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from absl import flags
from tqdm import tqdm

from zoo import cli
from zoo.cli import UserError
from zoo.data import image_files
from zoo.data.image_files import BrokenImage, Picture
from zoo.overlap import overlapped

FLAGS = flags.FLAGS


class Job(NamedTuple):
    number: int
    source: Path
    target: Path  # without regard to its format


class Written(NamedTuple):
    path: Path
    seconds: float  # in the model


def main(arguments: list[str]) -> None:
    from zoo import restoring, runs

    jobs = jobs_of(arguments, Path(FLAGS.output_dir))
    model = runs.load(FLAGS.run)
    extra = _extra_inputs(model)
    with tqdm(total=len(jobs), unit="image", disable=None) as bar:

        def compute(job: Job, picture: Picture) -> restoring.Restored:
            def tile_done(done: int, total: int) -> None:
                bar.n = round(job.number + done / total, 2)
                bar.refresh()

            bar.set_description(job.source.name)
            return restoring.restore(
                model, picture, extra, FLAGS.noise_stddev, job.number, tile_done
            )

        failed, seconds = [], 0.0
        errors = BrokenImage, UserError, OSError
        for job, outcome in overlapped(jobs, _read, compute, _write, errors):
            if isinstance(outcome, Written):
                seconds += outcome.seconds
                tqdm.write(f"{job.source} -> {outcome.path}")
            else:
                failed.append(job.source)
                tqdm.write(f"skipped {job.source}: {outcome}", file=sys.stderr)
    print(f"{len(jobs) - len(failed)} of {len(jobs)} restored, {seconds:.2f} s in the model")
    if failed:
        names = ", ".join(map(str, failed))
        raise UserError(f"{len(failed)} of {len(jobs)} files skipped: {names}")


def _read(job: Job) -> Picture:
    return image_files.read(job.source)


def _write(job: Job, restored) -> Written:
    path = image_files.output_name(job.target, restored.picture)
    image_files.write(path, restored.picture)
    if FLAGS.compare:
        image_files.write(path.with_name(f"{path.stem}_compare.png"), restored.beside())
    return Written(path, restored.seconds)


def _extra_inputs(model) -> dict[str, np.ndarray]:
    """What the model takes beside the image, from the flags of the same names."""
    signature = model.signatures().get("restore")
    if signature is None:
        raise UserError(f"{FLAGS.run} does not restore pictures ({model.registered_name})")
    if "mask" not in signature.inputs:
        if FLAGS.mask:
            raise UserError(f"--mask does not apply to {FLAGS.run} ({model.registered_name})")
        return {}
    if not FLAGS.mask:
        raise UserError(f"--mask is missing: a picture, white where {FLAGS.run} is to fill in")
    try:
        pixels = image_files.to_channels(image_files.on_white(image_files.read(FLAGS.mask)), 1)
    except BrokenImage as error:
        raise UserError(f"--mask={FLAGS.mask}: {error}") from None
    return {"mask": np.float32(pixels > np.iinfo(pixels.dtype).max // 2)}


def jobs_of(arguments: list[str], output_dir: Path) -> list[Job]:
    """All files, and all in the folders, that were named; refuses what would be overwritten."""
    if not arguments:
        raise UserError("no pictures given; name files or folders after the flags")
    jobs = []
    for argument in map(Path, arguments):
        if argument.is_dir():
            found = image_files.find(argument)
            if not found:
                raise UserError(f"{argument} has no images in it")
            jobs += [(file, output_dir / file.relative_to(argument)) for file in found]
        elif argument.exists():
            jobs.append((argument, output_dir / argument.name))
        else:
            raise UserError(f"{argument} does not exist")
    inputs = {source.resolve() for source, _ in jobs}
    taken: dict[Path, Path] = {}
    for source, target in jobs:
        # The output may change its format to PNG, so that either name must be free.
        for name in (target, target.with_suffix(".png")):
            if name.resolve() in inputs:
                raise UserError(f"{name} is an input and would be overwritten; change --output_dir")
        if taken.setdefault(target, source) != source:
            raise UserError(f"{taken[target]} and {source} would both be written to {target}")
    return [Job(number, *job) for number, job in enumerate(jobs)]


def define_flags() -> None:
    flags.DEFINE_string("run", None, "A run's folder, or a preset's name.", required=True)
    flags.DEFINE_string("output_dir", None, "Where the pictures go.", required=True)
    flags.DEFINE_float("noise_stddev", 0, "First add Gaussian noise, 0 to 255, for a try.", 0, 255)
    flags.DEFINE_string("mask", None, "For completion: a picture, white where to fill in.")
    flags.DEFINE_bool("compare", False, "Also write NAME_compare.png: before and after.")


def console() -> None:
    define_flags()
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    console()
