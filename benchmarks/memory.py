"""Peak memory and time of one restoration, against the picture's size.

    python -m benchmarks.memory --run=runs/demo --sizes=1000x1500,3000x4000

Every size runs in a process of its own; the memory is what the system counted for it.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from absl import app, flags
from PIL import Image

FLAGS = flags.FLAGS


def main(argv: list[str]) -> None:
    del argv
    print(f"{'size':>12}{'seconds':>10}{'peak MB':>10}")
    for size in FLAGS.sizes:
        seconds, peak = measure(FLAGS.run, size)
        print(f"{size:>12}{seconds:>10.1f}{peak:>10.0f}")


def measure(run: str, size: str) -> tuple[float, float]:
    """Seconds and peak megabytes of `zoo.restore` on a noisy photograph of "HEIGHTxWIDTH"."""
    height, width = map(int, size.split("x"))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "in.jpg")
        # In a process of its own, since the system counts what the starting one holds too.
        with ProcessPoolExecutor(1) as pool:
            pool.submit(make, source, height, width).result()
        command = [sys.executable, "-m", "zoo.restore", f"--run={run}"]
        command += [f"--output_dir={folder}/out", str(source)]
        seconds, peak = of_command(command)
        with Image.open(Path(folder, "out", "in.jpg")) as restored:
            assert restored.size == (width, height)
    return seconds, peak


def of_command(command: list[str]) -> tuple[float, float]:
    """Seconds and peak megabytes of a command that succeeds."""
    started = time.time()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with status {status}")
    return time.time() - started, usage.ru_maxrss / 1024


def make(path: Path, height: int, width: int) -> None:
    """Writes a photograph with noise of stddev 25."""
    from sklearn.datasets import load_sample_image

    photograph = Image.fromarray(load_sample_image("flower.jpg"))
    pixels = np.array(photograph.resize((width, height), Image.Resampling.BICUBIC))
    random = np.random.default_rng(0)
    for row in pixels:
        row[:] = np.clip(row + random.normal(0, 25, row.shape), 0, 255)
    Image.fromarray(pixels).save(path, quality=95)


if __name__ == "__main__":
    flags.DEFINE_string("run", None, "A run's folder, or a preset's name.", required=True)
    flags.DEFINE_list("sizes", ["1000x1500", "3000x4000"], "HEIGHTxWIDTH.")
    app.run(main)
