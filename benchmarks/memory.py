"""Peak memory and time of one restoration, against the picture's size.

    python -m benchmarks.memory --run=runs/demo --sizes=1000x1500,3000x4000

Every size runs in a process of its own; the memory is what the system counted for it.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from absl import app, flags
from PIL import Image

FLAGS = flags.FLAGS


def main(argv: list[str]) -> None:
    del argv
    from sklearn.datasets import load_sample_image

    photograph = Image.fromarray(load_sample_image("flower.jpg"))
    print(f"{'size':>12}{'seconds':>10}{'peak MB':>10}")
    for size in FLAGS.sizes:
        height, width = map(int, size.split("x"))
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "in.jpg")
            photograph.resize((width, height), Image.Resampling.BICUBIC).save(source, quality=95)
            started = time.time()
            restore = [
                sys.executable,
                "-m",
                "zoo.restore",
                f"--run={FLAGS.run}",
                "--noise_stddev=25",
            ]
            subprocess.run(
                [*restore, f"--output_dir={folder}/out", str(source)],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            with Image.open(Path(folder, "out", "in.jpg")) as restored:
                assert restored.size == (width, height)
        # The largest child so far: sizes are given in rising order.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{size:>12}{time.time() - started:>10.1f}{peak:>10.0f}")


if __name__ == "__main__":
    flags.DEFINE_string("run", None, "A run's folder, or a preset's name.", required=True)
    flags.DEFINE_list("sizes", ["1000x1500", "3000x4000"], "HEIGHTxWIDTH, in rising order.")
    app.run(main)
