"""How long a .tflite takes and how much memory, in a process that holds nothing else.

    python -m export.litert.latency FILE       # one line of JSON

TensorFlow is not imported: its threads and its memory would be measured too.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from zoo.cli import UserError

WARM_UP, SECONDS, MOST = 3, 1.0, 50


def measure(path: Path) -> dict:
    """Runs every signature of a file, in a process of its own.

    Returns:
      {"latency_ms": {signature: {"1": median with one thread, "2": with two}},
      "peak_memory_mb": by which the process has grown, None where it cannot be told}.

    Raises:
      UserError: where the interpreter refuses the file, or dies of it.
    """
    done = subprocess.run(
        [sys.executable, "-m", "export.litert.latency", str(path.resolve())],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
        raise UserError(f"LiteRT cannot run {path.name}: {reason}")
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    before = _peak_mb()
    latency: dict[str, dict[str, float]] = {}
    for threads in (1, 2):
        interpreter = Interpreter(sys.argv[1], num_threads=threads)
        for name in interpreter.get_signature_list():
            milliseconds = _median_ms(interpreter.get_signature_runner(name))
            latency.setdefault(name, {})[str(threads)] = round(milliseconds, 3)
    after = _peak_mb()
    memory = None if before is None or after is None else round(after - before, 1)
    print(json.dumps({"latency_ms": latency, "peak_memory_mb": memory}))


def _median_ms(runner) -> float:
    """Of up to 50 calls, or as many as a second holds, after a few to warm up."""
    random = np.random.default_rng(0)
    draw = {
        np.uint8: lambda shape: random.integers(0, 256, shape, np.uint8),
        np.int32: lambda shape: np.zeros(shape, np.int32),  # what indexes a table, of any length
        np.float32: lambda shape: random.random(shape, np.float32),
    }
    details = runner.get_input_details()
    inputs = {name: draw[detail["dtype"]](detail["shape"]) for name, detail in details.items()}
    times: list[float] = []
    while len(times) < WARM_UP + 1 or (len(times) < MOST and sum(times) < SECONDS):
        start = time.perf_counter()
        runner(**inputs)
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times[WARM_UP:]))


def _peak_mb() -> float | None:
    """The most that the process has held; getrusage's figure begins with the parent's."""
    try:
        status = Path("/proc/self/status").read_text()
    except FileNotFoundError:  # not Linux
        return None
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
