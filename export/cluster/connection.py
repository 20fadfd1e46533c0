"""A client of a Dask scheduler, whose workers have this zoo; or of a cluster on this machine."""

import contextlib
import logging
import os
from collections.abc import Iterator

from distributed import Client, LocalCluster

import zoo
from export.cluster.work import require_same
from zoo.cli import UserError


@contextlib.contextmanager
def connected(scheduler: str | None, seconds: float) -> Iterator[Client]:
    """A client, as soon as there is a worker.

    Args:
      scheduler: tcp://HOST:PORT; None starts a cluster here, with a worker for each core.
      seconds: to wait for the scheduler, and for a worker.

    Raises:
      UserError: where one of them does not come, or is of another zoo.
    """
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what goes wrong, we say
    with contextlib.ExitStack() as stack:
        if scheduler is None:
            cores = len(os.sched_getaffinity(0))
            local = LocalCluster(
                cores, threads_per_worker=1, memory_limit=0, dashboard_address=None
            )
            scheduler = stack.enter_context(local)
        try:
            client = stack.enter_context(Client(scheduler, timeout=seconds))
        except (OSError, ValueError, ImportError) as error:
            raise UserError(
                f"--scheduler={scheduler} does not answer as one ({error}); expected "
                "tcp://HOST:PORT of a running `dask scheduler` of the same release"
            ) from None
        _require_workers(client, seconds)
        yield client


def _require_workers(client: Client, seconds: float) -> None:
    address = client.scheduler.address
    try:
        client.wait_for_workers(1, timeout=seconds)
    except TimeoutError:
        raise UserError(
            f"{address} has had no worker for {seconds:g} s; start some: `dask worker {address} "
            "--nthreads=1`, or give them longer by --worker_timeout"
        ) from None
    # By eval, which every Python has: what we import, the others may lack.
    asked = eval, "__import__('zoo').__version__"
    try:
        found = {f"scheduler {address}": client.run_on_scheduler(*asked)}
    except ImportError as error:
        found = {f"scheduler {address}": error}
    answers = client.run(*asked, on_error="return")
    found |= {f"worker {worker}": version for worker, version in answers.items()}
    for who, version in found.items():
        require_same(who, version, zoo.__version__)
