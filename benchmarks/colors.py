"""Photographs that no preset was trained on, in gray, colored, and as they were: one picture.

    python -m benchmarks.colors --folder=data/bsds500/test --count=16 --output=out/colors.jpg

Which photographs is drawn by the seed, not chosen; the first of them stay the same whatever the
count.
"""

from pathlib import Path

import numpy as np
from absl import app, flags
from PIL import Image

from zoo import runs
from zoo.files import atomic, levels
from zoo.pictures import panels

FLAGS = flags.FLAGS
PRESETS = {"likeliest colors": "colorize", "vivid colors": "colorize_vivid"}
SIDE = 240  # of a panel, its longer one


def main(argv: list[str]) -> None:
    del argv
    files = sorted(Path(FLAGS.folder).glob("*.jpg"))
    order = np.random.default_rng(FLAGS.seed).permutation(len(files))
    pictures = [_read(files[i]) for i in order[: FLAGS.count]]
    print("\n".join(files[i].name for i in order[: FLAGS.count]))
    gray = [
        np.asarray(Image.fromarray(picture).convert("L"))[..., np.newaxis] for picture in pictures
    ]
    columns = {"given": gray}
    for title, preset in PRESETS.items():
        model = runs.load(preset)
        columns[title] = [model.restore(picture) for picture in gray]
    columns["real"] = pictures
    half = -(-len(pictures) // 2)
    sheets = [_sheet(columns, slice(0, half)), _sheet(columns, slice(half, None))]
    height = max(sheet.shape[0] for sheet in sheets)
    sides = [
        np.pad(s, [[0, height - s.shape[0]], [0, 0], [0, 0]], constant_values=255) for s in sheets
    ]
    output = Path(FLAGS.output)
    output.parent.mkdir(parents=True, exist_ok=True)
    with atomic.beside(output) as path:
        Image.fromarray(np.concatenate(sides, axis=1)).save(path, "JPEG", quality=88)


def _read(path: Path) -> np.ndarray:
    picture = Image.open(path).convert("RGB")
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(picture)


def _sheet(columns: dict[str, list[np.ndarray]], rows: slice) -> np.ndarray:
    shown = {title: [levels.to_float(x) for x in found[rows]] for title, found in columns.items()}
    return panels.sheet(shown, rows=len(next(iter(shown.values()))))


if __name__ == "__main__":
    flags.DEFINE_string("folder", "data/bsds500/test", "Photographs.")
    flags.DEFINE_integer("count", 16, "How many.", lower_bound=2)
    flags.DEFINE_integer("seed", 0, "Of the draw.")
    flags.DEFINE_string("output", "out/colors.jpg", "The picture.")
    app.run(main)
