"""python -m export.cluster: pictures in, restored pictures out, by the workers of a Dask cluster.

    python -m export.cluster --run=sr_x3 --output_dir=out PICTURES
    python -m export.cluster --run=sr_x3 --scheduler=tcp://HOST:8786 --output_dir=gs://b/out \
        'gs://b/in/**/*.jpg'

Does what zoo.restore does, and keeps the same record: the same command again, of either, leaves out
what is done. Without --scheduler there is a worker for each core of this machine. At the end all
pictures are looked for again, and where an output is not there or not whole, the exit status is 2.
"""

import json
import math

from absl import flags
from tqdm import tqdm

from zoo import cli
from zoo.files import atomic, buckets
from zoo.restoration import audit
from zoo.restoration import flags as shared
from zoo.restoration.done import Manifest

FLAGS = flags.FLAGS
LARGEST = 64  # pictures in a chunk
PARTS = 8  # chunks for each worker, at least, so that they end together


def main(pictures: list[str]) -> None:
    # Workers stand in other folders.
    FLAGS.output_dir = str(shared.output_dir().absolute())
    pictures = [str(buckets.path(picture).absolute()) for picture in pictures]
    jobs, order, output_dir = shared.jobs(pictures), shared.order().absolute(), shared.output_dir()
    given = order.check()
    atomic.require_folder(output_dir)
    settings = order.settings()
    manifest = Manifest(output_dir, "client", settings)
    waiting = audit.wanted(jobs, manifest, given, order.output)
    if waiting:
        from export.cluster import chunks, connection, spread

        cli.start_tensorflow()
        order.bulk()  # refuses here what each worker would refuse
        work = chunks.Work(order, json.dumps(settings), output_dir)
        with connection.connected(FLAGS.scheduler, FLAGS.worker_timeout) as client:
            threads = sum(client.nthreads().values())
            size = min(LARGEST, math.ceil(len(waiting) / (PARTS * threads)))
            parts = chunks.chunks_of(jobs, waiting, manifest, size)
            before = len(jobs) - len(waiting)
            with tqdm(total=len(jobs), initial=before, unit="image", disable=None) as bar:
                spread.spread(client, work, parts, bar, FLAGS.worker_timeout)
    manifest.read()
    now = shared.jobs(pictures)
    left = audit.missing(now, manifest, given)
    before = len(jobs) - len(waiting)
    earlier = f", {before} done before" if before else ""
    print(f"{len(now) - len(left) - before} of {len(now)} restored{earlier}")
    audit.require_all(now, left)


def define_flags() -> None:
    shared.define()
    text = "Of Dask, tcp://HOST:PORT; default: workers on this machine, one for each core."
    flags.DEFINE_string("scheduler", None, text)
    text = (
        "Seconds to wait for the scheduler and for a first worker, and for one when all are gone."
    )
    flags.DEFINE_float("worker_timeout", 120, text, lower_bound=1)


def console() -> None:
    define_flags()
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    console()
