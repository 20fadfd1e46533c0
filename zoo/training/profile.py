"""Profiles some steps for TensorBoard, and says how much of their time went by without data."""

import time
from pathlib import Path

import keras
import tensorflow as tf
from tqdm import tqdm

from zoo.cli import UserError

WARM_UP = 10  # steps of compilation and of filling buffers


class Profile(keras.callbacks.Callback):
    """Profiles `steps` steps after the first few, and prints one line.

    Stands before the callbacks that validate and save, which are then not counted.

    Args:
      folder: of TensorBoard's logs.
      steps: how many to profile, rounded up to whole executions.
      left: how many there will be in all.
      at_once: steps of an execution.

    Raises:
      UserError: where these are too few.
    """

    def __init__(self, folder: Path, steps: int, left: int, at_once: int = 1):
        super().__init__()
        first, whole = (-(-n // at_once) * at_once for n in (WARM_UP, steps))
        if left < first + whole:
            raise UserError(
                f"--profile={steps} needs {first + whole} steps and only {left} are left; "
                "raise --steps or --epochs"
            )
        self.folder, self.first, self.steps, self.at_once = folder, first, whole, at_once
        self.seen, self.seconds, self.begun = 0, 0.0, 0.0

    def on_train_batch_begin(self, batch, logs=None):
        if self.seen == self.first:
            tf.profiler.experimental.start(str(self.folder))
        self.begun = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        self.seen += self.at_once
        if self.first < self.seen <= self.first + self.steps:
            self.seconds += time.perf_counter() - self.begun
        if self.seen == self.first + self.steps:
            tf.profiler.experimental.stop()
            step = 1000 * self.seconds / self.steps
            waiting = waiting_ms(self.folder) / self.steps
            tqdm.write(
                f"profile of {self.steps} steps: {step:.1f} ms a step, of which {waiting:.2f} ms "
                f"({waiting / step:.1%}) waiting for data; tensorboard --logdir={self.folder}"
            )


def waiting_ms(folder: Path) -> float:
    """How long the training steps of the newest profile waited for a batch, in milliseconds."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    newest = max(folder.rglob("*.xplane.pb"), key=lambda path: path.stat().st_mtime_ns)
    steps, waits = [], []
    for plane in xplane_pb2.XSpace.FromString(newest.read_bytes()).planes:
        for line in plane.lines:
            for event in line.events:
                name = plane.event_metadata[event.metadata_id].name
                begun = 1000 * line.timestamp_ns + event.offset_ps
                if name == "multi_step_on_iterator":  # what Keras calls its training steps
                    steps.append((begun, begun + event.duration_ps))
                elif name.startswith("IteratorGetNext"):
                    waits.append((begun, event.duration_ps))
    inside = [lasted for at, lasted in waits if any(a <= at <= b for a, b in steps)]
    return sum(inside) / 1e9
