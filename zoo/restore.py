"""python -m zoo.restore: pictures in, restored pictures out.

    python -m zoo.restore --run=sr_x3 in.jpg more/ --output_dir=out
    python -m zoo.restore --run=complete --mask=mask.png in.jpg --output_dir=out
    python -m zoo.restore --run=deblock,colorize,sr_x2 old.jpg --output_dir=out
    python -m zoo.restore --run=sr_x3 gs://photos --output_dir=gs://out --shard=0/8

Several runs restore in a row, each what the one before it gives, and one picture comes out.
Upright as the camera meant them, with their alpha and bit depth; sub-folders are kept.
A file that cannot be restored is named and left out, and the exit status is then 2. The same
command again leaves out what is done.
"""

import hashlib

from absl import flags

from zoo import cli, presets
from zoo.cli import UserError
from zoo.files import atomic, buckets, image_files
from zoo.files.formats import FORMATS
from zoo.files.image_files import BrokenImage
from zoo.models import registry
from zoo.restoration import masks
from zoo.restoration.done import Manifest
from zoo.restoration.jobs import in_shard, jobs_of, shard_of

FLAGS = flags.FLAGS
NAMED = 20  # failed files in the last line; each has had a line of its own


def main(arguments: list[str]) -> None:
    from zoo.images import degradations
    from zoo.restoration.batch import Bulk, Output
    from zoo.restoration.chain import Chain

    if FLAGS.noise_stddev is not None:
        raise UserError(
            f"--noise_stddev={FLAGS.noise_stddev:g} would add noise, and tells no model of yours: "
            f"leave it out, or damage pictures for a try by --degrade=noise:{FLAGS.noise_stddev:g}"
        )
    shard, output_dir = shard_of(FLAGS.shard), buckets.path(FLAGS.output_dir)
    every_job = jobs_of(arguments, output_dir, f".{FLAGS.format}" if FLAGS.format else "")
    jobs = [job for job in every_job if in_shard(job.target.relative_to(output_dir), shard)]
    degrade = degradations.parse(FLAGS.degrade) if FLAGS.degrade else ()
    image_files.limit_pixels(FLAGS.max_megapixels)
    atomic.require_folder(output_dir)
    chain = Chain(_loaded(), FLAGS.run)
    mask = _mask(chain)
    taken = {job.target for job in every_job}
    chain.check_strength(FLAGS.strength)
    if chain.keeps_pixels and not FLAGS.format:
        print("what is known stays bit for bit: PNG where a picture's own format is lossy")
    output = Output(FLAGS.format or "", FLAGS.quality, FLAGS.strip_metadata, FLAGS.overwrite)
    bulk = Bulk(chain, mask, degrade, FLAGS.strength, FLAGS.compare, output, taken)
    new = bulk.restore(jobs, Manifest(output_dir, shard, _settings()))
    before = f", {len(jobs) - new} done before" if new < len(jobs) else ""
    done = new - len(bulk.failed)
    print(f"{done} of {len(jobs)} restored{before}, {bulk.seconds:.2f} s in the model")
    if bulk.failed:
        names = ", ".join(map(str, bulk.failed[:NAMED]))
        more = ", ..." if len(bulk.failed) > NAMED else ""
        raise UserError(f"{len(bulk.failed)} of {len(jobs)} files skipped: {names}{more}")


def _loaded() -> list:
    """The models, at --temperature those that have one."""
    from zoo import runs

    if FLAGS.temperature is None:
        return [runs.load(run) for run in FLAGS.run]
    kinds = {run: registry.find(runs.read_config(run)["model"]) for run in FLAGS.run}
    changed = {
        run: {"temperature": FLAGS.temperature} if "temperature" in kind.after_training else {}
        for run, kind in kinds.items()
    }
    if not any(changed.values()):
        raise UserError(f"--temperature does not apply to {', '.join(FLAGS.run)}")
    return [runs.load(run, **changed[run]) for run in FLAGS.run]


def _settings() -> dict:
    """All that the result depends on beside the files: the weights, and the flags."""
    from zoo import runs

    configs = [runs.read_config(run) for run in FLAGS.run]
    weights = [(presets.folder(run) / "best.npz").read_bytes() for run in FLAGS.run]
    return {
        "models": [[config["model"], config["config"]] for config in configs],
        "weights": [hashlib.sha256(content).hexdigest() for content in weights],
        "degrade": FLAGS.degrade,
        "strength": FLAGS.strength,
        "temperature": FLAGS.temperature,
        "compare": FLAGS.compare,
        "written": [FLAGS.format, FLAGS.quality, FLAGS.strip_metadata],
    }


def _mask(chain):
    """Where the masks are, for models that take one."""
    pairs = zip(FLAGS.run, chain.models, strict=True)
    named = ", ".join(f"{run} ({model.registered_name})" for run, model in pairs)
    if "mask" not in chain.inputs:
        if FLAGS.mask:
            raise UserError(f"--mask does not apply to {named}")
        return None
    if not FLAGS.mask:
        raise UserError(f"--mask is missing: a picture, white where {named} is to fill in")
    given = buckets.path(FLAGS.mask)
    if not given.is_dir():
        try:
            masks.read(given)
        except BrokenImage as error:
            raise UserError(f"--mask={FLAGS.mask}: {error}") from None
    return given


def define_flags() -> None:
    text = "A run's folder or a preset's name; several, A,B,C, restore in a row."
    flags.DEFINE_list("run", None, text, required=True)
    flags.DEFINE_string("output_dir", None, "Where the pictures go.", required=True)
    text = "First damage the pictures, for a try: noise:25, or blur:1.5+noise:25+jpeg:10."
    flags.DEFINE_string("degrade", None, text)
    flags.DEFINE_float("noise_stddev", None, "Was what --degrade=noise:25 is now.", 0, 255)
    text = "How far from the picture, 0, to what the network makes of it, 1."
    flags.DEFINE_float("strength", 1, text, 0, 1)
    text = "Of colors: 1 is careful, near 0 vivid; where a model predicts a distribution."
    flags.DEFINE_float("temperature", None, text, 0)
    flags.DEFINE_string("shard", "0/1", "Do part i of n, as i/n, 0 being the first.")
    text = "For completion: a picture, white where to fill in; or a folder of one for each name."
    flags.DEFINE_string("mask", None, text)
    suffixes = sorted(suffix.removeprefix(".") for suffix in FORMATS)
    text = "Of the output; default: that of the picture, or PNG where it cannot hold the result."
    flags.DEFINE_enum("format", None, suffixes, text)
    text = "Of the output, where its format is lossy; default: 95, of AVIF 90."
    flags.DEFINE_integer("quality", None, text, 1, 100)
    flags.DEFINE_float("max_megapixels", 300, "Leave larger pictures out.", 0)
    flags.DEFINE_bool("overwrite", False, "Replace outputs that another command has written.")
    flags.DEFINE_bool("strip_metadata", False, "Leave camera, date, place and text behind.")
    flags.DEFINE_bool("compare", False, "Also write NAME_compare.png: before and after.")


def console() -> None:
    define_flags()
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    console()
