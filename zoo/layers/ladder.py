"""What a hierarchical VAE climbs up and down on. Pure Keras, LiteRT builtin operators only."""

import keras
from keras import ops

from zoo.layers.blocks import conv


class Bottleneck(keras.layers.Layer):
    """Two 3x3 convolutions between two of 1x1, on half the width (Child 2021, figure 3).

    [b, h, w, any] -> [b, h, w, width], to be added to what goes past it.
    """

    def __init__(self, width: int, outputs: int = 0, gain: float = 0.2, **kwargs):
        super().__init__(**kwargs)
        self.convs = [
            conv(width // 2, 1, name="narrow"),
            conv(width // 2, name="conv_1"),
            conv(width // 2, name="conv_2"),
            conv(outputs or width, 1, gain=gain, name="wide"),
        ]

    def call(self, x):
        for layer in self.convs:
            x = layer(ops.silu(x))
        return x


class Rung(keras.layers.Layer):
    """One group of latent maps on the way down: its prior, its posterior, and what is made of it.

    Args:
      width: channels of the maps that go past.
      latents: channels of the group.
    """

    def __init__(self, width: int, latents: int, **kwargs):
        super().__init__(**kwargs)
        self.latents = latents
        # At zero, so that posterior and prior begin as one.
        self.expecting = Bottleneck(
            width, width + 2 * latents, gain=0.0, name=f"{self.name}_expecting"
        )
        self.seeing = Bottleneck(width, 2 * latents, gain=0.0, name=f"{self.name}_seeing")
        self.placing = conv(width, 1, name=f"{self.name}_placing")
        self.thinking = Bottleneck(width, name=f"{self.name}_thinking")
        self.built = True  # it is asked for its parts, and never called

    def prior(self, x):
        """(maps with what is expected, mean, log stddev) of maps [b, h, w, width]."""
        found = self.expecting(x)
        mean, log_stddev = self._moments(found[..., : 2 * self.latents])
        return x + found[..., 2 * self.latents :], mean, log_stddev

    def posterior(self, x, seen):
        """(mean, log stddev) in units of the prior, where `seen` is what an image gave here."""
        return self._moments(self.seeing(ops.concatenate([x, seen], -1)))

    def place(self, x, latent):
        """The maps with latents [b, h, w, latents] in them."""
        x = x + self.placing(latent)
        return x + self.thinking(x)

    def _moments(self, numbers):
        mean, log_stddev = ops.split(ops.cast(numbers, "float32"), 2, axis=-1)
        return mean, 5.0 * ops.tanh(log_stddev / 5.0)  # never beyond exp(5)
