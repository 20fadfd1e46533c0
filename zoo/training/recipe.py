"""What a training is told, apart from its model and its data."""

from dataclasses import dataclass

from zoo.data.source import Source


@dataclass
class Recipe:
    """How to train; the flags of train.py with the same names say more."""

    epochs: float = 10
    steps: int | None = None
    steps_per_execution: int = 1
    batch_size: int = 32
    micro_batches: int = 1
    learning_rate: float = 1e-3
    learning_rate_scaling: str = "none"
    reference_batch: int = 32
    warmup_steps: int = 100
    weight_decay: float = 0.0
    ema: float = 0.0
    clip_norm: float | None = None
    loss: str | None = None
    seed: int = 0
    crop_size: int | None = None
    augment: str | None = None
    shrink: float | list[float] = 1.0
    validate_every: int | None = None
    checkpoint_every: int = 500
    checkpoint_minutes: float = 10.0
    validation_limit: int = 1000
    patience: int = 0
    profile: int = 0
    data_service: str = ""

    def total_steps(self, source: Source) -> int:
        """`steps`, or as many as `epochs` passes over the source take."""
        return self.steps or max(1, round(self.epochs * source.size / self.batch_size))

    def due(self, step: int, every: int) -> bool:
        """Whether the execution that ends with `step` has a multiple of `every` among its steps."""
        return step % every < self.steps_per_execution

    def scaled_learning_rate(self) -> float:
        """`learning_rate` is meant for `reference_batch`; here it is for `batch_size`."""
        powers = {"none": 0.0, "sqrt": 0.5, "linear": 1.0}
        ratio = self.batch_size / self.reference_batch
        return self.learning_rate * ratio ** powers[self.learning_rate_scaling]
