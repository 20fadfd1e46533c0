"""Training by two workers beside one: how much of the second worker reaches the result.

    python -m benchmarks.scaling

Every worker has half of this machine's cores, also where it is alone, and the same number of
images in a step, so that twice as many images a second would be all that a second one can give.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.worker import ROOT

SHARES = 2
PROGRAM = "benchmarks/scaling_worker.py"


def main() -> None:
    for name, rates in measure(rounds=3).items():
        for workers, found in rates.items():
            told = ", ".join(f"{rate:.1f}" for rate in found)
            print(f"{name}, workers: {workers}, images a second: {told}")


def measure(rounds: int, counts: Sequence[int] = (1, 2)) -> dict[str, dict[int, list[float]]]:
    """Images a second by case and number of workers, one of each in every round.

    More than two workers take turns on the halves.
    """
    found: dict[str, dict[int, list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "rates.json")
        for _ in range(rounds):
            for workers in counts:
                launch = [sys.executable, "-m", "zoo.launch", f"--workers={workers}", "--"]
                subprocess.run(
                    [*launch, PROGRAM, str(output)],
                    cwd=ROOT,
                    env=os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"},
                    stdout=subprocess.DEVNULL,
                    check=True,
                )
                for name, rate in json.loads(output.read_text()).items():
                    found.setdefault(name, {}).setdefault(workers, []).append(rate)
    return found


if __name__ == "__main__":
    main()
