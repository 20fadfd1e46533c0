"""Chunks over workers, a few for each at a time, until all are done or given up."""

import itertools
import pickle
import sys
from collections.abc import Iterable
from concurrent.futures import CancelledError

from distributed import Client, Future, KilledWorker, wait
from distributed.comm import CommClosedError
from tqdm import tqdm

import zoo
from export.cluster import work as worker
from export.cluster.chunks import Chunk, Work
from zoo.cli import UserError
from zoo.restoration.batch import say

AHEAD = 2  # chunks for each thread of the workers: one in hand and one that waits


def spread(client: Client, work: Work, chunks: Iterable[Chunk], bar: tqdm, seconds: float) -> None:
    """Has all chunks done, and says which pictures were left out and why.

    What a worker had in hand that died is done by another; a chunk that outlives several of them is
    halved, down to the picture that kills them.

    Args:
      client: of a scheduler with workers; more may come, and some may go.
      work: what to do.
      chunks: of pictures; taken one by one as workers become free.
      bar: advances by pictures.
      seconds: after which it is given up when no worker is left.

    Raises:
      UserError: where the workers cannot do any, or all are gone, or the scheduler.
    """
    chunks, running = iter(chunks), {}
    told = zoo.__version__, pickle.dumps(work)
    try:
        while True:
            free = AHEAD * sum(client.nthreads().values()) - len(running)
            for chunk in itertools.islice(chunks, max(free, 0)):
                future = client.submit(worker.restore, *told, pickle.dumps(chunk), pure=False)
                running[future] = chunk
            if not running:
                return
            for future in _finished(client, list(running), seconds):
                again = _taken(future, chunk := running.pop(future))
                chunks = itertools.chain(again, chunks)
                bar.update(len(chunk.jobs) - sum(len(half.jobs) for half in again))
    except (CancelledError, CommClosedError):
        raise UserError("the scheduler is gone; the same command again goes on") from None


def _finished(client: Client, running: list[Future], seconds: float) -> Iterable[Future]:
    try:
        return wait(running, timeout=seconds, return_when="FIRST_COMPLETED").done
    except TimeoutError:
        if client.nthreads():
            return []
        raise UserError(
            f"no worker has been left for {seconds:g} s; the same command again goes on"
        ) from None


def _taken(future: Future, chunk: Chunk) -> list[Chunk]:
    """Says what was left out, and returns what is to be tried again."""
    try:
        failed = future.result()
    except KilledWorker:
        if len(chunk.jobs) > 1:
            return chunk.halves()
        failed = {str(chunk.jobs[0].source): "every worker that took it died; has it the memory?"}
    for source, reason in failed.items():
        say(f"skipped {source}: {reason}", sys.stderr)
    return []
