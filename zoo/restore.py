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

import numpy as np
from absl import flags

from zoo import cli, presets
from zoo.cli import UserError
from zoo.files import buckets, image_files
from zoo.files.image_files import BrokenImage
from zoo.models import registry
from zoo.restoration.done import Manifest
from zoo.restoration.jobs import in_shard, jobs_of, shard_of

FLAGS = flags.FLAGS
NAMED = 20  # failed files in the last line; each has had a line of its own


def main(arguments: list[str]) -> None:
    from zoo.restoration.batch import Bulk
    from zoo.restoration.chain import Chain

    shard, output_dir = shard_of(FLAGS.shard), buckets.path(FLAGS.output_dir)
    every_job = jobs_of(arguments, output_dir)
    jobs = [job for job in every_job if in_shard(job.target.relative_to(output_dir), shard)]
    chain = Chain(_loaded(), FLAGS.run)
    extra = _extra_inputs(chain)
    taken = {job.target for job in every_job}
    chain.check_strength(FLAGS.strength)
    bulk = Bulk(chain, extra, FLAGS.noise_stddev, FLAGS.strength, FLAGS.compare, taken)
    new = bulk.restore(jobs, Manifest(output_dir, shard, _settings(extra)))
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


def _settings(extra: dict[str, np.ndarray]) -> dict:
    """All that the result depends on beside the picture: the weights, and the flags."""
    from zoo import runs

    configs = [runs.read_config(run) for run in FLAGS.run]
    weights = [(presets.folder(run) / "best.npz").read_bytes() for run in FLAGS.run]
    return {
        "models": [[config["model"], config["config"]] for config in configs],
        "weights": [hashlib.sha256(content).hexdigest() for content in weights],
        "inputs": {k: hashlib.sha256(v.tobytes()).hexdigest() for k, v in extra.items()},
        "noise_stddev": FLAGS.noise_stddev,
        "strength": FLAGS.strength,
        "temperature": FLAGS.temperature,
        "compare": FLAGS.compare,
    }


def _extra_inputs(chain) -> dict[str, np.ndarray]:
    """What the models take beside the image, from the flags of the same names."""
    pairs = zip(FLAGS.run, chain.models, strict=True)
    named = ", ".join(f"{run} ({model.registered_name})" for run, model in pairs)
    if "mask" not in chain.inputs:
        if FLAGS.mask:
            raise UserError(f"--mask does not apply to {named}")
        return {}
    if not FLAGS.mask:
        raise UserError(f"--mask is missing: a picture, white where {named} is to fill in")
    try:
        pixels = image_files.to_channels(image_files.on_white(image_files.read(FLAGS.mask)), 1)
    except BrokenImage as error:
        raise UserError(f"--mask={FLAGS.mask}: {error}") from None
    return {"mask": np.float32(pixels > np.iinfo(pixels.dtype).max // 2)}


def define_flags() -> None:
    text = "A run's folder or a preset's name; several, A,B,C, restore in a row."
    flags.DEFINE_list("run", None, text, required=True)
    flags.DEFINE_string("output_dir", None, "Where the pictures go.", required=True)
    flags.DEFINE_float("noise_stddev", 0, "First add Gaussian noise, 0 to 255, for a try.", 0, 255)
    text = "How far from the picture, 0, to what the network makes of it, 1."
    flags.DEFINE_float("strength", 1, text, 0, 1)
    text = "Of colors: 1 is careful, near 0 vivid; where a model predicts a distribution."
    flags.DEFINE_float("temperature", None, text, 0)
    flags.DEFINE_string("shard", "0/1", "Do part i of n, as i/n, 0 being the first.")
    flags.DEFINE_string("mask", None, "For completion: a picture, white where to fill in.")
    flags.DEFINE_bool("compare", False, "Also write NAME_compare.png: before and after.")


def console() -> None:
    define_flags()
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    console()
