"""Runs a command, kills it again and again, and starts it again, until it is done."""

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def start(*arguments: str, **environment: str) -> subprocess.Popen:
    """`python ARGUMENTS...` in a process group of its own."""
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finish(process: subprocess.Popen, timeout: float = 240) -> str:
    """Waits for the end; returns what was said, and fails where the status is not 0."""
    said = process.communicate(timeout=timeout)[0]
    assert process.returncode == 0, said
    return said


def kill_and_restart(
    arguments: list, run: Path, steps: int, kills: int, seed: int = 0
) -> list[int]:
    """Returns the steps from which the restarts went on.

    Every fourth kill comes within three seconds of the start, wherever the run then is; the
    others come as random steps before the last fifth are reached, and a random moment later.
    """
    moments = random.Random(seed)
    targets = sorted(moments.sample(range(1, steps * 4 // 5), kills))
    resumed = []
    for i, target in enumerate(targets):
        process = start(*arguments)
        if i % 4 == 3:
            time.sleep(moments.uniform(0, 3))
        else:
            wait_for_step(process, run, max(target, newest_step(run) + 1))
            time.sleep(moments.uniform(0, 0.1))
        assert process.poll() is None, f"ended before kill {i}: {process.communicate()[0]}"
        os.killpg(process.pid, signal.SIGKILL)
        said = process.communicate()[0]
        assert "error" not in said, said
        resumed += [int(n) for n in re.findall("going on from step (\\d+)", said)]
    said = finish(start(*arguments))
    return resumed + [int(n) for n in re.findall("going on from step (\\d+)", said)]


def wait_for_step(process: subprocess.Popen, run: Path, step: int, timeout: float = 240) -> None:
    """Waits until there is a checkpoint of this step or a later one."""
    deadline = time.monotonic() + timeout
    while newest_step(run) < step:
        assert time.monotonic() < deadline, f"step {step} was not reached"
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.005)


def newest_step(run: Path) -> int:
    """Of the checkpoints; 0 where there are none."""
    names = [path.stem for path in (run / "checkpoints").glob("step-*.npz")]
    return max((int(name.removeprefix("step-")) for name in names), default=0)
