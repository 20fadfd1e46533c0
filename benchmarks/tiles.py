"""Tiled against whole: the largest difference, picture by picture.

python -m benchmarks.tiles --run=runs/demo --dataset=folder:SET14
"""

import numpy as np
from absl import flags

from zoo import cli

FLAGS = flags.FLAGS


def main() -> None:
    cli.start_tensorflow()
    from zoo import runs
    from zoo.data import pipeline, sources
    from zoo.models import tiles

    model = runs.load(FLAGS.run)
    source = sources.load(FLAGS.dataset, "", None, model.channels)
    worst = 0.0
    for inputs, _ in pipeline.eval_batches(source, model, 1, limit=FLAGS.limit):
        whole = model.infer(inputs).numpy()
        tiled = tiles.restore(model, inputs.numpy(), tile=FLAGS.tile)
        difference = 255 * float(np.abs(tiled - whole).max())
        print(f"{whole.shape[2]}x{whole.shape[1]}: {difference:.3f} of 255")
        worst = max(worst, difference)
    print(f"worst: {worst:.3f} of 255, tiles of {FLAGS.tile}, overlap {model.overlap}")


if __name__ == "__main__":
    flags.DEFINE_string("run", None, "A run's folder, or a preset's name.", required=True)
    flags.DEFINE_string("dataset", "photos", "As in train.py.")
    flags.DEFINE_integer("tile", 128, "Side of the tiles.", 16)
    flags.DEFINE_integer("limit", None, "At most so many pictures.", 1)
    cli.run(main)
