"""One training at a time in a run's folder."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from zoo.cli import UserError
from zoo.distributed import workers

PATIENCE = 30  # seconds, in which workers that lost their launcher have ended


@contextlib.contextmanager
def held(run: Path, patience: float = PATIENCE) -> Iterator[None]:
    """Makes the folder and keeps other trainings out of it; a dead process holds it no longer.

    Raises:
      UserError: where another training is in it and does not end.
    """
    if not workers.is_chief():
        yield
        return
    run.mkdir(parents=True, exist_ok=True)
    lock = FileLock(run / ".lock")
    try:
        _acquire(lock, run, patience)
    except Timeout:
        raise UserError(
            f"another training is still at work in {run}; wait for its end, or choose another "
            "--output_dir"
        ) from None
    except NotImplementedError:  # a file system without locks
        pass
    try:
        yield
    finally:
        lock.release()


def _acquire(lock: FileLock, run: Path, patience: float) -> None:
    try:
        lock.acquire(blocking=False)
    except Timeout:
        print(f"another training is at work in {run}; waiting for {patience:g} seconds")
        lock.acquire(timeout=patience, poll_interval=0.2)
