"""The zoo's side of the comparison: training by `fit`, as train.py does it."""

import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks import cases
from benchmarks.clock import Clock
from benchmarks.worker import THREADS, serve
from zoo.data import pipeline, sources
from zoo.files import weights
from zoo.models import registry
from zoo.runs import precision
from zoo.training import callbacks, checkpoints, fit, losses
from zoo.training.budget import Budget

MODELS: dict[tuple[str, str], Any] = {}


def prepare(name: str, folder: str) -> dict:
    """Makes a model with no weight at zero, and a second one with --precision=auto.

    Writes the weights, NAME.npz, and what the first makes of images, NAME.npy.

    Returns:
      {"parameters", "training_multiply_adds": of a step, "precision": the second one's}.
    """
    case, path, auto = cases.CASES[name], Path(folder), precision.policy("auto")
    model = MODELS[name, "float32"] = _compiled(name, "float32")
    random = np.random.default_rng(0)
    for variable in model.trainable_variables:
        noise = random.standard_normal(variable.shape).astype(np.float32)
        variable.assign(keras.ops.convert_to_numpy(variable) + 0.01 * noise)
    arrays = weights.of_model(model)
    weights.save(path / f"{name}.npz", arrays)
    if auto != "float32":
        MODELS[name, auto] = _compiled(name, auto)
        weights.assign(MODELS[name, auto], arrays)
    image = tf.constant(cases.images(name))
    np.save(path / f"{name}.npy", model.serve[case.signature]({"image": image})["image"].numpy())
    inputs, _ = cases.batch(name)
    return {
        "parameters": int(np.sum([np.prod(v.shape) for v in model.trainable_variables])),
        "training_multiply_adds": 3 * _multiply_adds(model, inputs),
        "precision": auto,
    }


def losses_of(name: str, way: str, steps: int) -> list[float]:
    """The losses of the first training steps, each on another batch."""
    model, found = MODELS[name, way], []
    for number in range(steps):
        data = tf.data.Dataset.from_tensors(cases.batch(name, number))
        model.reset_metrics()
        model.next_steps = 1
        found.append(model.fit(data, shuffle=False, verbose=0).history["loss"][0])
    return found


def train(name: str, way: str, steps: int) -> float:
    """Seconds of so many training steps."""
    case, clock, state = cases.CASES[name], Clock(), checkpoints.State()
    recipe = fit.Recipe(batch_size=case.batch, steps_per_execution=case.at_once)
    timed = -(-steps // case.at_once) * case.at_once
    total = case.at_once + timed
    MODELS[name, way].fit(
        tf.data.Dataset.from_tensors(cases.batch(name)).repeat(),
        steps_per_epoch=total,
        shuffle=False,
        verbose=0,
        callbacks=[
            callbacks.Count(state, recipe, Budget(total)),
            callbacks.StopOnNaN(state, recipe),
            clock,
        ],
    )
    return clock.seconds * steps / timed


def images_per_second(folder: str, count: int) -> float:
    """The data pipeline alone: crops of 64x64 with noise from a folder, all augmentations on."""
    model = MODELS["denoising", "float32"]
    source = sources.load(f"folder:{folder}", "train", channels=3)
    batches = iter(pipeline.train_batches(source, model, 16, crop_size=64, augment="dihedral"))
    next(batches)
    begun = time.perf_counter()
    for _ in range(count // 16):
        next(batches)
    return count // 16 * 16 / (time.perf_counter() - begun)


def peak(side: int) -> float:
    """Multiply-adds a second in a product of square matrices, the best of ten."""
    product = tf.function(tf.linalg.matmul)
    matrix = tf.random.normal([side, side])
    product(matrix, matrix)
    seconds = []
    for _ in range(10):
        begun = time.perf_counter()
        product(matrix, matrix).numpy()
        seconds.append(time.perf_counter() - begun)
    return side**3 / min(seconds)


def _compiled(name: str, policy: str) -> Any:
    """A new model with the optimizer of train.py."""
    keras.mixed_precision.set_dtype_policy(policy)
    keras.utils.set_random_seed(0)
    case = cases.CASES[name]
    model = registry.create(name, **case.arguments)
    recipe = fit.Recipe(warmup_steps=0, learning_rate=cases.LEARNING_RATE)
    optimizer = fit.optimizer(recipe, 10**9, model)
    optimizer.epsilon = cases.EPSILON
    model.compile(
        optimizer=optimizer,
        loss=losses.LOSSES[case.loss or model.default_loss],
        steps_per_execution=case.at_once,
    )
    return model


def _multiply_adds(model, inputs) -> int:
    """Of the forward pass over a batch, as training runs it."""
    specs = tf.nest.map_structure(lambda x: tf.TensorSpec(x.shape, tf.float32), inputs)
    graph = tf.function(lambda x: model(x, training=True)).get_concrete_function(specs).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    return tf.compat.v1.profiler.profile(graph, options=options).total_float_ops // 2


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(THREADS)
    tf.config.threading.set_inter_op_parallelism_threads(THREADS)
    serve({job.__name__: job for job in (prepare, losses_of, train, images_per_second, peak)})
