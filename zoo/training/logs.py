"""What TensorBoard shows of a run."""

from dataclasses import asdict
from pathlib import Path

import tensorflow as tf

from zoo.distributed import workers

NO_LOGS = tf.summary.create_noop_writer()


class Logs:
    """TensorBoard: scalars, learning rate, pictures, graph and hyper-parameters."""

    def __init__(self, run: Path, recipe):
        self.recipe = recipe
        folder = str(run / "logs")
        chief = workers.is_chief()
        self.writer = tf.summary.create_file_writer(folder) if chief else NO_LOGS

    def graph(self, model) -> None:
        from tensorboard.plugins.hparams import api as hparams

        concrete = model.infer.get_concrete_function(model.blank_inputs(2))
        settings = model.get_config() | asdict(self.recipe)
        settings = {k: str(v) if isinstance(v, list | dict) else v for k, v in settings.items()}
        with self.writer.as_default(step=0):
            tf.summary.graph(concrete.graph)
            hparams.hparams({k: v for k, v in settings.items() if v is not None})

    def scalars(self, step: int, values: dict[str, float]) -> None:
        with self.writer.as_default(step=step):
            for name, value in values.items():
                tf.summary.scalar(name, value)
        self.writer.flush()

    def image(self, step: int, picture) -> None:
        with self.writer.as_default(step=step):
            tf.summary.image("preview", picture[tf.newaxis])
        self.writer.flush()
