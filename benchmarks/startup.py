"""How long a person waits for an error, and for a small picture: from the command to its end.

    python -m benchmarks.startup --rounds=7 --other=FOLDER

With another checkout of this repository, both take turns, so that whatever else the machine does
meets both alike. Processor seconds are the user's, as the system counted them.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from absl import app, flags
from PIL import Image

FLAGS = flags.FLAGS
ROOT = Path(__file__).parent.parent
CASES = {
    "a mistyped preset": ["--run=denoise_colr"],
    "512x512 restored": ["--run=denoise_color"],
    "the same again, which is done": ["--run=denoise_color"],
}


def main(argv: list[str]) -> None:
    del argv
    trees = {"here": ROOT} | ({"other": Path(FLAGS.other)} if FLAGS.other else {})
    print("\n".join(table(times(trees, FLAGS.rounds))))


def times(trees: dict[str, Path], rounds: int) -> dict[str, list[list[float]]]:
    """Seconds by the clock and of the processor, round by round, for each case and checkout."""
    found = {f"{case}, {tree}": [] for case in CASES for tree in trees}
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder, "in.png")
        photograph().save(picture)
        for number in range(rounds):
            for tree in trees if number % 2 else reversed(trees):
                out = Path(folder, f"{tree}-{number}")
                for case, arguments in CASES.items():
                    command = [*arguments, f"--output_dir={out}", str(picture)]
                    found[f"{case}, {tree}"].append(measure(trees[tree], command))
    return found


def table(found: dict[str, list[list[float]]]) -> list[str]:
    """Lines of Markdown: medians and quartiles."""
    head = ["| from the command to its end | seconds | processor seconds |", "|---|---:|---:|"]
    spread = {case: " | ".join(map(_told, zip(*x, strict=True))) for case, x in found.items()}
    return head + [f"| {case} | {told} |" for case, told in spread.items()]


def photograph() -> Image.Image:
    """512x512 pixels of one that comes with scikit-learn."""
    from sklearn.datasets import load_sample_image

    return Image.fromarray(load_sample_image("china.jpg")).crop((0, 0, 427, 427)).resize((512, 512))


def measure(tree: Path, arguments: list[str]) -> list[float]:
    """Seconds by the clock and of the processor, of `zoo.restore` in a checkout."""
    command, started = [sys.executable, "-m", "zoo.restore", *arguments], time.time()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, cwd=tree, **quiet)
    _, _, usage = os.wait4(process.pid, 0)
    return [time.time() - started, usage.ru_utime]


def _told(values: tuple[float, ...]) -> str:
    low, middle, high = statistics.quantiles(values, n=4)
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    flags.DEFINE_integer("rounds", 7, "Of each case.", 2)
    flags.DEFINE_string("other", None, "A checkout to compare with.")
    app.run(main)
