"""The zoo's side of the comparison: training by `fit`, as train.py does it, and exported files."""

import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks import cases
from benchmarks.clock import Clock
from benchmarks.worker import THREADS, serve
from export.litert import tflite
from export.parity.multiply_adds import multiply_adds
from zoo.data import pipeline, sources
from zoo.files import weights
from zoo.models import registry
from zoo.training import callbacks, checkpoints, fit, losses
from zoo.training.budget import Budget

MODELS: dict[str, Any] = {}


def prepare(name: str, folder: str) -> dict:
    """Makes a model with no weight at zero; writes weights, outputs, and the .tflite."""
    case, path = cases.CASES[name], Path(folder)
    keras.utils.set_random_seed(0)
    model = registry.create(name, **case.arguments)
    random = np.random.default_rng(0)
    for variable in model.trainable_variables:
        noise = random.standard_normal(variable.shape).astype(np.float32)
        variable.assign(keras.ops.convert_to_numpy(variable) + 0.01 * noise)
    recipe = fit.Recipe(warmup_steps=0, learning_rate=cases.LEARNING_RATE)
    optimizer = fit.optimizer(recipe, 10**9, model)
    optimizer.epsilon = cases.EPSILON
    model.compile(
        optimizer=optimizer,
        loss=losses.LOSSES[case.loss or model.default_loss],
        steps_per_execution=case.at_once,
    )
    MODELS[name] = model
    weights.save(path / f"{name}.npz", weights.of_model(model))
    image = tf.constant(cases.image(name))
    np.save(path / f"{name}.npy", model.serve[case.signature]({"image": image})["image"].numpy())
    with tflite.fixed(model, case.tile) as source:
        tflite.write(source, [case.signature], path / f"{name}.tflite", "float32")
    inputs, _ = cases.batch(name)
    return {
        "parameters": int(np.sum([np.prod(v.shape) for v in model.trainable_variables])),
        "training_multiply_adds": 3 * _multiply_adds(model, inputs),
        "inference_multiply_adds": multiply_adds(
            model, case.signature, model.signatures()[case.signature].specs(1, case.tile)
        ),
    }


def losses_of(name: str, steps: int) -> list[float]:
    """The losses of the first training steps, each on another batch."""
    found = []
    for number in range(steps):
        data = tf.data.Dataset.from_tensors(cases.batch(name, number))
        MODELS[name].reset_metrics()
        MODELS[name].next_steps = 1
        history = MODELS[name].fit(data, shuffle=False, verbose=0)
        found.append(history.history["loss"][0])
    return found


def train(name: str, steps: int) -> float:
    """Seconds of so many training steps."""
    case, clock, state = cases.CASES[name], Clock(), checkpoints.State()
    recipe = fit.Recipe(batch_size=case.batch, steps_per_execution=case.at_once)
    timed = -(-steps // case.at_once) * case.at_once
    total = case.at_once + timed
    budget = Budget(total)
    MODELS[name].fit(
        tf.data.Dataset.from_tensors(cases.batch(name)).repeat(),
        steps_per_epoch=total,
        shuffle=False,
        verbose=0,
        callbacks=[
            callbacks.Count(state, recipe, budget),
            callbacks.StopOnNaN(state, recipe),
            clock,
        ],
    )
    return clock.seconds * steps / timed


def images_per_second(folder: str, count: int) -> float:
    """The data pipeline alone: crops of 64x64 with noise from a folder, all augmentations on."""
    model = MODELS["denoising"]
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
