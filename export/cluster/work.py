"""What a worker does: a chunk of pictures, by a model that its process keeps.

The scheduler imports this file too, so that at its top nothing heavy is imported.
"""

import contextlib
import functools
import json
import pickle
import secrets
import threading
from typing import TYPE_CHECKING

from distributed import get_worker

if TYPE_CHECKING:
    from export.cluster.chunks import Chunk, Work
    from zoo.restoration.batch import Bulk
    from zoo.restoration.done import Manifest
    from zoo.restoration.order import Order

PART = f"{secrets.token_hex(4)}-of-workers"  # names this process's own record
ONE_AT_A_TIME = threading.Lock()


def restore(version: str, work: bytes, chunk: bytes) -> dict[str, str]:
    """Restores and records; returns the pictures that were left out, and why.

    Args:
      version: of the zoo that asks.
      work: a `Work`, pickled: the scheduler unpacks what it passes on, but not this.
      chunk: a `Chunk`, pickled.
    """
    import zoo

    require_same(f"worker {get_worker().address}", zoo.__version__, version)
    with ONE_AT_A_TIME:
        return _restore(pickle.loads(work), pickle.loads(chunk))


def require_same(who: str, its: str | Exception, ours: str) -> None:
    """Raises UserError where others have another version of the zoo, or none."""
    if its != ours:
        from zoo.cli import UserError

        has = f"no zoo ({its})" if isinstance(its, Exception) else f"zoo {its}"
        raise UserError(
            f"the {who} has {has}, and this is zoo {ours}; install the same on all machines"
        )


def _restore(work: "Work", chunk: "Chunk") -> dict[str, str]:
    from zoo.restoration.done import Manifest

    jobs, bulk = chunk.jobs, _loaded(work.order, work.settings)
    bulk.taken, bulk.failed, bulk.quiet = {job.target for job in jobs}, {}, True
    manifest = Manifest(work.output_dir, PART, json.loads(work.settings), chunk.lines)
    if any(_is_untold(job.target, manifest) for job in jobs):
        manifest.read({manifest.name(job.target) for job in jobs})
    bulk.restore(jobs, manifest)
    return {str(source): why for source, why in bulk.failed.items()}


@functools.lru_cache(1)
def _loaded(order: "Order", settings: str) -> "Bulk":
    """The models; raises UserError where they are not those of the command."""
    from zoo import cli

    worker = get_worker()
    cli.start_tensorflow()
    import tensorflow as tf

    with contextlib.suppress(RuntimeError):  # it runs since a command before this one
        tf.config.threading.set_intra_op_parallelism_threads(worker.state.nthreads)
        tf.config.threading.set_inter_op_parallelism_threads(worker.state.nthreads)
    if json.dumps(order.settings()) != settings:
        raise cli.UserError(
            f"{', '.join(order.run)} on {worker.address} has other weights than here; a run's "
            "folder must be the same on all machines"
        )
    return order.bulk()


def _is_untold(target, manifest: "Manifest") -> bool:
    """Whether an output is there that the command did not know: of a worker that died."""
    return manifest.line(target) is None and target.exists()
