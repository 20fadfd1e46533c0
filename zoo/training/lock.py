"""One training at a time in a run's folder."""

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

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
    deadline, told = time.monotonic() + patience, False
    with open(run / ".lock", "w") as file:
        while not _locked(file):
            if not told:
                print(f"another training is at work in {run}; waiting for {patience:g} seconds")
                told = True
            if time.monotonic() > deadline:
                raise UserError(
                    f"another training is still at work in {run}; wait for its end, or choose "
                    "another --output_dir"
                )
            time.sleep(0.2)
        yield


def _locked(file) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        pass
    return True
