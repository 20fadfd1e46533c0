"""One worker of benchmarks.scaling, on its share of the cores.

The others are in TF_CONFIG. Between steps the workers agree as they do in any training.
"""

import json
import os
import sys
from pathlib import Path

from benchmarks.scaling import SHARES

INDEX = json.loads(os.environ["TF_CONFIG"])["task"]["index"]
SHARE = INDEX % SHARES
CORES = sorted(os.sched_getaffinity(0))
EACH = len(CORES) // SHARES
os.sched_setaffinity(0, CORES[SHARE * EACH : (SHARE + 1) * EACH])  # before TensorFlow counts them

import tensorflow as tf  # noqa: E402

from benchmarks import cases  # noqa: E402
from benchmarks.clock import Clock  # noqa: E402
from zoo.distributed import strategy, workers  # noqa: E402
from zoo.models import registry  # noqa: E402
from zoo.training import callbacks, checkpoints, fit, losses, saving  # noqa: E402
from zoo.training.budget import Budget  # noqa: E402
from zoo.training.termination import Termination  # noqa: E402

STEPS = {"denoising": 10, "vae": 20}


def main(output: str) -> None:
    with strategy.entered("auto"), workers.chief_speaks():
        rates = {name: images_per_second(name, steps) for name, steps in STEPS.items()}
        if workers.is_chief():
            Path(output).write_text(json.dumps(rates))


def images_per_second(name: str, steps: int) -> float:
    """Of all workers together, in training."""
    case, state, clock, together = cases.CASES[name], checkpoints.State(), Clock(), workers.count()
    recipe = fit.Recipe(batch_size=case.batch * together, learning_rate=cases.LEARNING_RATE)
    model = registry.create(name, **case.arguments)
    model.compile(
        optimizer=fit.optimizer(recipe, 10**9, model),
        loss=losses.LOSSES[case.loss or model.default_loss],
    )
    batches = tf.data.Dataset.from_tensors(cases.batch(name, INDEX)).repeat()
    # The first is not counted, and the last, which saves, is not begun.
    budget = Budget(steps + 2)
    model.fit(
        tf.distribute.get_strategy().distribute_datasets_from_function(lambda context: batches),
        steps_per_epoch=steps + 1,
        shuffle=False,
        verbose=0,
        callbacks=[
            callbacks.Count(state, recipe, budget),
            callbacks.StopOnNaN(state, recipe),
            saving.Checkpoint(state, budget, recipe, Path("nowhere"), Termination()),
            clock,
        ],
    )
    return steps * recipe.batch_size / clock.seconds


if __name__ == "__main__":
    main(*sys.argv[1:])
