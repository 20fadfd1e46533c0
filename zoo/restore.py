"""python -m zoo.restore: pictures in, restored pictures out.

    python -m zoo.restore --run=runs/first in.jpg more/ --output_dir=out

Upright as the camera meant them, with their alpha and bit depth; sub-folders are kept.
A file that cannot be restored is named and left out, and the exit status is then 2.
"""

import sys
from pathlib import Path

import numpy as np
from absl import flags
from tqdm import tqdm

from zoo import cli
from zoo.cli import UserError
from zoo.data import image_files
from zoo.data.image_files import BrokenImage, Picture

FLAGS = flags.FLAGS


def main(arguments: list[str]) -> None:
    from zoo import runs

    jobs = _jobs(arguments, Path(FLAGS.output_dir))
    model = runs.load(FLAGS.run)
    failed = []
    with tqdm(total=len(jobs), unit="image", disable=None) as bar:
        for number, (source, target) in enumerate(jobs):
            bar.set_description(source.name)

            def tile_done(done: int, total: int, number=number) -> None:
                bar.n = round(number + done / total, 2)
                bar.refresh()

            try:
                written = _restore_file(model, source, target, number, tile_done)
                tqdm.write(f"{source} -> {written}")
            except (BrokenImage, UserError) as error:
                failed.append(source)
                tqdm.write(f"skipped {source}: {error}", file=sys.stderr)
    if failed:
        raise UserError(
            f"{len(failed)} of {len(jobs)} files skipped: {', '.join(map(str, failed))}"
        )


def _jobs(arguments: list[str], output_dir: Path) -> list[tuple[Path, Path]]:
    """(file, where it goes without regard to its format) of all files and folders named."""
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
    return jobs


def _restore_file(model, source: Path, target: Path, number: int, progress) -> Path:
    from zoo import tiles

    picture = image_files.read(source)
    gray = picture.pixels.shape[-1] == 1
    if model.channels == 1 and not gray:
        raise UserError("a color picture, but this model is for gray ones")
    pixels = image_files.to_channels(picture.pixels, model.channels)
    before = _add_noise(pixels, FLAGS.noise_stddev, number) if FLAGS.noise_stddev else pixels
    after = tiles.restore(model, before, progress)
    after = _as_type(after, pixels.dtype)
    if gray and after.shape[-1] == 3:
        after = image_files.to_channels(after, 1)
    result = picture._replace(pixels=after, alpha=_alpha_like(picture.alpha, after))
    written = image_files.output_name(target, result)
    image_files.write(written, result)
    if FLAGS.compare:
        beside = _side_by_side(_as_type(before, pixels.dtype), after)
        image_files.write(
            written.with_name(f"{written.stem}_compare.png"),
            Picture(beside, icc_profile=picture.icc_profile),
        )
    return written


def _add_noise(pixels: np.ndarray, stddev: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal(pixels.shape, np.float32)
    return pixels.astype(np.float32) / np.iinfo(pixels.dtype).max + noise * np.float32(stddev / 255)


def _as_type(image: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if image.dtype == dtype:
        return image
    return np.round(np.clip(image, 0, 1) * np.iinfo(dtype).max).astype(dtype)


def _alpha_like(alpha: np.ndarray | None, image: np.ndarray) -> np.ndarray | None:
    """Alpha as it was, repeated where the picture has grown by a whole factor."""
    if alpha is None or alpha.shape[:2] == image.shape[:2]:
        return alpha
    factor = image.shape[0] // alpha.shape[0]
    return alpha.repeat(factor, 0).repeat(factor, 1)


def _side_by_side(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Before on the left, after on the right, of one height and channel count."""
    factor = after.shape[0] // before.shape[0]
    before = before.repeat(factor, 0).repeat(factor, 1)
    channels = max(before.shape[-1], after.shape[-1])
    pair = [image_files.to_channels(x, channels) for x in (before, after)]
    return np.concatenate(pair, axis=1)


def define_flags() -> None:
    flags.DEFINE_string("run", None, "A run's folder.", required=True)
    flags.DEFINE_string("output_dir", None, "Where the pictures go.", required=True)
    flags.DEFINE_float("noise_stddev", 0, "First add Gaussian noise, 0 to 255, for a try.", 0, 255)
    flags.DEFINE_bool("compare", False, "Also write NAME_compare.png: before and after.")


def console() -> None:
    define_flags()
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    console()
