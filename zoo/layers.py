"""Building blocks. Pure Keras, any backend; LiteRT builtin operators only."""

import keras
from keras import ops


class ResidualBlock(keras.layers.Layer):
    """x + conv(relu(conv(x))), without normalization (Lim et al. 2017, EDSR, figure 2)."""

    def __init__(self, width: int, **kwargs):
        super().__init__(**kwargs)
        self.conv_1 = conv(width, name="conv_1", activation="relu")
        # Small at first, so that a deep stack starts near the identity.
        self.conv_2 = conv(width, name="conv_2", gain=0.14)

    def call(self, x):
        return x + self.conv_2(self.conv_1(x))


class Down(keras.layers.Layer):
    """Halves the sides: 2x2 convolution of stride 2. [b, h, w, c] -> [b, h/2, w/2, width]."""

    def __init__(self, width: int, **kwargs):
        super().__init__(**kwargs)
        self.conv = conv(width, kernel_size=2, strides=2, name="conv")

    def call(self, x):
        return self.conv(x)


class Up(keras.layers.Layer):
    """Doubles the sides: 1x1 convolution, then pixel shuffle (Shi et al. 2016, equation 4)."""

    def __init__(self, width: int, **kwargs):
        super().__init__(**kwargs)
        self.conv = conv(4 * width, kernel_size=1, name="conv")

    def call(self, x):
        # [b, h, w, c] -> [b, h, w, 4 width] -> [b, 2h, 2w, width]
        return ops.depth_to_space(self.conv(x), 2)


def conv(width: int, kernel_size: int = 3, gain: float = 1.0, **kwargs) -> keras.layers.Conv2D:
    """A "same" convolution that keeps the variance of its input, times `gain` squared.

    He et al. 2015, equation 10, before a ReLU; LeCun et al. 1998 where nothing is cut off.
    """
    variance = gain**2 * (2.0 if kwargs.get("activation") == "relu" else 1.0)
    initializer = keras.initializers.VarianceScaling(variance) if gain else "zeros"
    return keras.layers.Conv2D(
        width, kernel_size, padding="same", kernel_initializer=initializer, **kwargs
    )


def pad_to_multiple(x, multiple: int):
    """Mirrors the lower and right edge until both sides are a multiple of `multiple`.

    Where the sides are known and fit, nothing is added to the graph, so that a network
    exported at a fixed size holds no operator of dynamic shape.
    """
    bottom, right = (-ops.shape(x)[1]) % multiple, (-ops.shape(x)[2]) % multiple
    if isinstance(bottom, int) and isinstance(right, int) and bottom == right == 0:
        return x
    return ops.pad(x, [[0, 0], [0, bottom], [0, right], [0, 0]], mode="symmetric")


def crop_like(x, reference):
    """Cuts `x` at the bottom and right to the sides of `reference`."""
    if x.shape[1:3] == reference.shape[1:3] and None not in x.shape[1:3]:
        return x
    return x[:, : ops.shape(reference)[1], : ops.shape(reference)[2], :]
