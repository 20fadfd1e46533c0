"""Gray photographs colored, steered by a few dots, and in other likely colors: one picture.

    python -m benchmarks.steering --folder=data/bsds500/test --output=out/steering.jpg

Which photographs, and where the dots lie, is drawn by the seed, not chosen; a dot has the color of
the photograph there. Prints the PSNR of each, mean over the photographs.
"""

from pathlib import Path

import numpy as np
from absl import app, flags
from PIL import Image

from zoo import runs
from zoo.files import atomic, levels
from zoo.pictures import panels

FLAGS = flags.FLAGS
SIDE = 240  # of a panel, its longer one
RADIUS = 4  # of a dot


def main(argv: list[str]) -> None:
    del argv
    likeliest, vivid = (runs.load(name) for name in ("colorize", "colorize_vivid"))
    random = np.random.default_rng(FLAGS.seed)
    files = sorted(Path(FLAGS.folder).glob("*.jpg"))
    columns: dict[str, list[np.ndarray]] = {}
    for place in random.permutation(len(files))[: FLAGS.count]:
        real = _read(files[place])
        gray = np.asarray(Image.fromarray(real).convert("L"))[..., np.newaxis]
        dots = dotted(real, FLAGS.dots, random)
        row = {
            "dots": np.where(dots[..., 3:] > 0, dots[..., :3], gray),
            "colorize": likeliest.restore(gray),
            "with dots": likeliest.restore(gray, hints=dots),
            "colorize_vivid": vivid.restore(gray),
            "--coloring=1": vivid.restore(gray, coloring=1),
            "--coloring=2": vivid.restore(gray, coloring=2),
            "real": real,
        }
        for title, picture in row.items():
            columns.setdefault(title, []).append(levels.to_float(picture))
    for title, pictures in columns.items():
        errors = [np.square(a - b).mean() for a, b in zip(pictures, columns["real"], strict=True)]
        if title not in ("dots", "real"):
            print(f"{title:16} {np.mean(-10 * np.log10(errors)):.2f} dB")
    output = Path(FLAGS.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    with atomic.beside(output) as path:
        Image.fromarray(panels.sheet(columns, FLAGS.count)).save(path, "JPEG", quality=90)


def dotted(picture: np.ndarray, count: int, random: np.random.Generator) -> np.ndarray:
    """Dots of a picture's own colors, transparent elsewhere: uint8 [h, w, 4]."""
    height, width = picture.shape[:2]
    dots = np.zeros([height, width, 4], np.uint8)
    for _ in range(count):
        y, x = random.integers(RADIUS, [height - RADIUS, width - RADIUS])
        square = np.s_[y - RADIUS : y + RADIUS, x - RADIUS : x + RADIUS]
        dots[square] = [*picture[square].mean((0, 1)).astype(np.uint8), 255]
    return dots


def _read(path: Path) -> np.ndarray:
    picture = Image.open(path).convert("RGB")
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(picture)


if __name__ == "__main__":
    flags.DEFINE_string("folder", "data/bsds500/test", "Photographs.")
    flags.DEFINE_integer("count", 4, "How many.", lower_bound=1)
    flags.DEFINE_integer("dots", 8, "On each.", lower_bound=1)
    flags.DEFINE_integer("seed", 0, "Of the draws.")
    flags.DEFINE_string("output", "out/steering.jpg", "The picture.")
    app.run(main)
