"""Two trainings never write into one folder at a time."""

import signal
import subprocess
import sys

import pytest

from zoo.cli import UserError
from zoo.training import lock

HOLDER = """
import sys, time
from pathlib import Path
from zoo.training import lock
with lock.held(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_training_waits_then_gives_up_and_a_dead_one_holds_nothing(tmp_path):
    run = tmp_path / "run"
    with subprocess.Popen([sys.executable, "-c", HOLDER, run], stdout=subprocess.PIPE) as holder:
        assert holder.stdout.readline() == b"held\n"
        message = f"another training is still at work in {run}; wait for its end, or choose another"
        with pytest.raises(UserError, match=message), lock.held(run, patience=0.3):
            pass
        holder.send_signal(signal.SIGKILL)
        with lock.held(run, patience=10):
            pass
    with lock.held(run, patience=0):  # and gives it back at its end
        pass
