"""python -m zoo.restore: pictures in, restored pictures out.

    python -m zoo.restore --run=sr_x3 in.jpg more/ --output_dir=out
    python -m zoo.restore --run=complete --mask=mask.png in.jpg --output_dir=out
    python -m zoo.restore --run=colorize --hints=dots.png gray.jpg --output_dir=out
    python -m zoo.restore --run=deblock,colorize,sr_x2 old.jpg --output_dir=out
    python -m zoo.restore --run=sr_x3 gs://photos --output_dir=gs://out --shard=0/8

Several runs restore in a row, each what the one before it gives, and one picture comes out.
Upright as the camera meant them, with their alpha and bit depth; sub-folders are kept.
A file that cannot be restored is named and left out. At the end all are looked for again, and where
an output is not there or not whole, the exit status is 2. The same command again leaves out what
is done.
"""

from absl import flags

from zoo import cli
from zoo.cli import UserError
from zoo.files import atomic
from zoo.restoration import audit
from zoo.restoration import flags as shared
from zoo.restoration.done import Manifest
from zoo.restoration.jobs import Job, in_shard, shard_of

FLAGS = flags.FLAGS


def main(pictures: list[str]) -> None:
    if FLAGS.noise_stddev is not None:
        raise UserError(
            f"--noise_stddev={FLAGS.noise_stddev:g} would add noise, and tells no model of yours: "
            f"leave it out, or damage pictures for a try by --degrade=noise:{FLAGS.noise_stddev:g}"
        )
    shard, output_dir = shard_of(FLAGS.shard), shared.output_dir()
    every_job = shared.jobs(pictures)

    def mine(jobs: list[Job]) -> list[Job]:
        return [job for job in jobs if in_shard(job.target.relative_to(output_dir), shard)]

    jobs, order = mine(every_job), shared.order()
    given = order.check()
    atomic.require_folder(output_dir)
    manifest = Manifest(output_dir, f"{shard[0]}-of-{shard[1]}", order.settings())
    new, seconds = audit.wanted(jobs, manifest, given, order.output), 0.0
    if new:
        cli.start_tensorflow()
        bulk = order.bulk()
        bulk.taken = {job.target for job in every_job}
        if bulk.model.keeps_pixels and not FLAGS.format:
            print("what is known stays bit for bit: PNG where a picture's own format is lossy")
        bulk.restore(jobs, manifest)
        seconds = bulk.seconds
    manifest.read()
    now = mine(shared.jobs(pictures))
    left = audit.missing(now, manifest, given)
    before = len(jobs) - len(new)
    earlier = f", {before} done before" if before else ""
    done = len(now) - len(left) - before
    print(f"{done} of {len(now)} restored{earlier}, {seconds:.2f} s in the model")
    audit.require_all(now, left)


def define_flags() -> None:
    shared.define()
    flags.DEFINE_float("noise_stddev", None, "Was what --degrade=noise:25 is now.", 0, 255)
    flags.DEFINE_string("shard", "0/1", "Do part i of n, as i/n, 0 being the first.")


def console() -> None:
    define_flags()
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    console()
