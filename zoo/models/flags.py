"""Flags that become a model's constructor arguments.

Each is None until a person gives it, so that a model's own default stands, and a flag
that the chosen model does not take is an error that names the models which do
(`zoo.models.registry.create`).
"""

from typing import Any

from absl import flags


class _NumberOrRange(flags.ArgumentParser):
    """`25`, or `0,55` for a range; also the sides of an image, `28` or `28,36`."""

    def __init__(self, number: type = float):
        self.number = number
        self.syntactic_help = "a number, or two with a comma between"

    def parse(self, argument: str | float | list) -> float | list[float]:
        if not isinstance(argument, str):
            return argument
        try:
            values = [self.number(part) for part in argument.split(",")]
        except ValueError:
            values = []
        if len(values) not in (1, 2):
            raise ValueError(f"expected {self.syntactic_help}, such as 25 or 0,55")
        return values[0] if len(values) == 1 else values

    def flag_type(self) -> str:
        return "number or range"


class _Serializer(flags.ArgumentSerializer):
    def serialize(self, value: float | list[float]) -> str:
        return ",".join(f"{v:g}" for v in value) if isinstance(value, list) else f"{value:g}"


_COUNT = flags.IntegerParser(lower_bound=0), flags.ArgumentSerializer()
_INTEGER = flags.IntegerParser(lower_bound=1), flags.ArgumentSerializer()
RANGE = _NumberOrRange(), _Serializer()
_SIDES = _NumberOrRange(int), _Serializer()
_NUMBER = flags.FloatParser(), flags.ArgumentSerializer()
_TEXT = flags.ArgumentParser(), flags.ArgumentSerializer()

# Fixed once the training has begun.
TRAINED = {
    "width": (_INTEGER, "Channels of the first level."),
    "depth": (_INTEGER, "Residual blocks a level."),
    "levels": (_COUNT, "How many times the sides are halved."),
    "patch": (_INTEGER, "Side of the squares that are folded into channels first."),
    "latent_dim": (_INTEGER, "Length of the latent vector."),
    "image_size": (_SIDES, "Side of the images, or height,width; images are scaled to fill it."),
    "channels": (_INTEGER, "1 for gray, 3 for RGB; default: as the data has it."),
    "scale": (_INTEGER, "Enlargement: 2, 3 or 4."),
    "size": (_TEXT, "tiny, small or base."),
    "degrade": (_TEXT, "What is undone, such as noise or blur+downscale+noise+jpeg."),
    "hole": (_TEXT, "center, rectangles, strokes or any."),
    "head": (_TEXT, "regression or distribution."),
    "likelihood": (_TEXT, "bernoulli, continuous_bernoulli, normal or discretized_logistic."),
    "posterior": (_TEXT, "normal or iaf."),
    "prior": (_TEXT, "normal, mixture or vamp."),
    "components": (_INTEGER, "Of a mixture prior, or pseudo-inputs of vamp."),
    "kl_warmup": (_INTEGER, "Steps in which the regularizer's weight rises from 0 to 1."),
    "free_bits": (_NUMBER, "Nats that each latent may carry for nothing."),
    "beta": (_NUMBER, "Weight of the KL, or of the total correlation."),
    "capacity": (_NUMBER, "Nats that the KL is held at in the end."),
    "capacity_steps": (_INTEGER, "Steps in which that rises from 0."),
    "importance_samples": (_INTEGER, "Samples of the bound that is trained."),
    "init_encoder": (_TEXT, "Run or preset whose encoder a classifier takes, with its weights."),
    "encoder_mode": (_TEXT, "That encoder is frozen, finetune, or scratch for fresh weights."),
    "encoder_rate": (_NUMBER, "Factor on the learning rate of an encoder that is finetuned."),
    "dropout": (_NUMBER, "Share of the features that a classifier leaves out in training."),
}
# May be changed afterwards, to evaluate a blind model at one strength.
STRENGTHS = {
    "noise_stddev": (RANGE, "Gaussian noise, 0 to 255: 25, or 0,55 for blind training."),
    "noise_peak": (RANGE, "Poisson noise: photons of a white pixel, or a range."),
    "noise_amount": (RANGE, "Salt and pepper: share of the pixels, or a range."),
    "jpeg_quality": (RANGE, "JPEG: 1 to 100, or a range."),
    "blur_sigma": (RANGE, "Gaussian blur: pixels, or a range."),
    "hole_area": (RANGE, "Hole for completion: percent of the image, or a range."),
    "num_samples": (_INTEGER, "Importance samples of the evaluated nll."),
    "temperature": (_NUMBER, "Of the distribution head's annealed mean."),
}


def define(group: dict[str, tuple]) -> None:
    """Declares a group of flags."""
    for name, ((parser, serializer), text) in group.items():
        flags.DEFINE(parser, name, None, text, serializer=serializer)


def given(group: dict[str, tuple]) -> dict[str, Any]:
    """The flags of a group that were given, as constructor arguments."""
    values = {name: flags.FLAGS[name].value for name in group}
    return {name: value for name, value in values.items() if value is not None}
