"""Building blocks. Pure Keras, any backend; LiteRT builtin operators only."""

import keras
import numpy as np
from keras import ops


class Composite(keras.layers.Layer):
    """A layer whose weights are those of its parts, each of which makes them when it is called.

    Of a layer that does not say so Keras finds it out by a trace, and of all that it is part of
    by further ones: most of the time that a deep network took to be built.

    What flows from part to part is in float32, whatever they compute in: a sum of many blocks in
    bfloat16 would forget as much of a picture as its 8 bits tell.
    """

    def __init__(self, **kwargs):
        super().__init__(dtype="float32", **kwargs)

    def build(self, input_shape):
        """Makes nothing."""


class ResidualBlock(Composite):
    """x + conv(relu(conv(x))), without normalization (Lim et al. 2017, EDSR, figure 2)."""

    def __init__(self, width: int, **kwargs):
        super().__init__(**kwargs)
        self.conv_1 = conv(width, name="conv_1", activation="relu")
        # Small at first, so that a deep stack starts near the identity.
        self.conv_2 = conv(width, name="conv_2", gain=0.14)

    def call(self, x):
        return ops.add(x, self.conv_2(self.conv_1(x)))


class Down(Composite):
    """Halves the sides: 2x2 convolution of stride 2. [b, h, w, c] -> [b, h/2, w/2, width]."""

    def __init__(self, width: int, **kwargs):
        super().__init__(**kwargs)
        self.conv = conv(width, kernel_size=2, strides=2, name="conv")

    def call(self, x):
        return self.conv(x)


class Up(Composite):
    """Doubles the sides: 1x1 convolution, then pixel shuffle (Shi et al. 2016, equation 4)."""

    def __init__(self, width: int, **kwargs):
        super().__init__(**kwargs)
        self.conv = conv(4 * width, kernel_size=1, name="conv")

    def call(self, x):
        # [b, h, w, c] -> [b, h, w, 4 width] -> [b, 2h, 2w, width]
        return ops.depth_to_space(self.conv(x), 2)


class Fold(keras.layers.Layer):
    """Patches become channels: [b, h, w, c] -> [b, h/patch, w/patch, patch^2 c]."""

    def __init__(self, patch: int, **kwargs):
        super().__init__(**kwargs)
        self.patch = patch

    def call(self, x):
        return ops.space_to_depth(x, self.patch)


class Unfold(Fold):
    """Back again, which is the pixel shuffle of Shi et al. 2016, equation 4."""

    def call(self, x):
        return ops.depth_to_space(x, self.patch)


class Stack(Composite):
    """Layers one after the other."""

    def __init__(self, layers: list[keras.layers.Layer], **kwargs):
        super().__init__(**kwargs)
        self.layers = layers

    def call(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class UNet(Composite):
    """A residual encoder-decoder with skips, for images of any size.

    Halves the sides `levels` times and doubles the channels, comes back by pixel shuffle and
    adds the encoder's features on the way (Ronneberger et al. 2015; in this shape Zhang et al.
    2021, DRUNet, figure 1). Its last convolution starts at zero.

    Args:
      channels: of the output.
      width: channels of the first level.
      depth: residual blocks a level.
      levels: how many times the sides are halved.
      fold: side of the squares that become channels in front of it and pixels again behind it,
        so that all of it works on `fold`^2 times fewer places (Zhang et al. 2018, FFDNet).
    """

    def __init__(self, channels: int, width: int, depth: int, levels: int, fold: int = 1, **kwargs):
        super().__init__(**kwargs)
        self.fold, self.stride = fold, fold * 2**levels

        def blocks(name: str, width: int) -> Stack:
            names = [f"block_{i}" for i in range(depth)]
            return Stack([ResidualBlock(width, name=n) for n in names], name=name)

        self.head = conv(width, name="head", dtype="float32")
        self.encoder = [blocks(f"encoder_{i}", width * 2**i) for i in range(levels)]
        self.downs = [Down(width * 2 ** (i + 1), name=f"down_{i}") for i in range(levels)]
        self.body = blocks("body", width * 2**levels)
        self.ups = [Up(width * 2**i, name=f"up_{i}") for i in range(levels)]
        self.decoder = [blocks(f"decoder_{i}", width * 2**i) for i in range(levels)]
        self.tail = conv(channels * fold**2, name="tail", gain=0.0, dtype="float32")

        # Two convolutions a block, of one pixel each at their level, down and up again.
        self.radius = fold * (2 + 2 * depth * (2 * (2**levels - 1) + 2**levels))

    def overlap(self, limit: int = 32) -> int:
        """By how much tiles must overlap, where more than `limit` pixels away hardly matter."""
        return 2 * -(-min(self.radius, limit) // self.stride) * self.stride

    def call(self, images, with_maps: bool = False):
        """[b, h, w, c] -> [b, h, w, channels]; and the maps of every level, the finest first."""
        maps = self.decode(*self.encode(images))
        x = self.tail(maps[0])
        x = crop_like(x if self.fold == 1 else ops.depth_to_space(x, self.fold), images)
        return (x, maps) if with_maps else x

    def encode(self, images):
        """The way down: [b, h, w, c] -> [b, h/stride, w/stride, width 2^levels], and skips."""
        x = pad_to_multiple(images, self.stride)
        x = self.head(x if self.fold == 1 else ops.space_to_depth(x, self.fold))
        skips = []
        for blocks, down in zip(self.encoder, self.downs, strict=True):
            skips.append(blocks(x))
            x = down(skips[-1])
        return self.body(x), skips

    def decode(self, x, skips):
        """The way up: maps of every level, the finest first."""
        maps = [x]
        for up, skip, blocks in reversed(list(zip(self.ups, skips, self.decoder, strict=True))):
            maps.insert(0, blocks(ops.add(up(maps[0]), skip)))
        return maps

    def encoding_layers(self) -> list[keras.layers.Layer]:
        """The layers of `encode`."""
        return [self.head, *self.encoder, *self.downs, self.body]


def conv(width: int, kernel_size: int = 3, gain: float = 1.0, **kwargs) -> keras.layers.Conv2D:
    """A "same" convolution that keeps the variance of its input, times `gain` squared.

    He et al. 2015, equation 10, before a ReLU; LeCun et al. 1998 where nothing is cut off.
    """
    variance = gain**2 * (2.0 if kwargs.get("activation") == "relu" else 1.0)
    initializer = keras.initializers.VarianceScaling(variance) if gain else "zeros"
    return keras.layers.Conv2D(
        width, kernel_size, padding="same", kernel_initializer=initializer, **kwargs
    )


class NearIdentityConv(keras.layers.Conv2D):
    """ReLU of a 3x3 convolution that at first hardly changes its `width` channels.

    Trains like the residual x + conv(x), and is one plain convolution afterwards (the
    re-parameterized identity of Ding et al. 2021, RepVGG, figure 4). With an expansion its kernel
    is, while it trains, the sum of a plain one and of two in a row: to so many channels and
    back by 1x1, with nothing between (Bhardwaj et al. 2022, SESR, section 3.1). They are
    multiplied out before they meet a pixel, so that this costs next to nothing, and
    `collapsed` does so for good.
    """

    def __init__(self, width: int, expansion: int = 0, **kwargs):
        initializer = _NearIdentity()
        super().__init__(
            width, 3, padding="same", activation="relu", kernel_initializer=initializer, **kwargs
        )
        self.expansion, self.narrow = expansion, None

    def build(self, input_shape):
        super().build(input_shape)
        if self.expansion:
            shape = *self.kernel_size, input_shape[-1], self.expansion
            scale = keras.initializers.VarianceScaling(1.0)
            self.wide = self.add_weight(name="wide", shape=shape, initializer=scale)
            shape = self.expansion, self.filters
            self.narrow = self.add_weight(name="narrow", shape=shape, initializer="zeros")

    @property
    def kernel(self):
        plain = super().kernel
        return plain if self.narrow is None else plain + ops.matmul(self.wide, self.narrow)


def collapsed(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """A model's weights by name, with every expanded kernel multiplied out."""
    plain = {k: v for k, v in arrays.items() if not k.endswith(("/wide", "/narrow"))}
    for name in arrays.keys() - plain.keys():
        if name.endswith("/wide"):
            layer = name.removesuffix("/wide")
            plain[f"{layer}/kernel"] = plain[f"{layer}/kernel"] + np.matmul(
                arrays[name], arrays[f"{layer}/narrow"]
            )
    return plain


class _NearIdentity(keras.initializers.Initializer):
    """A kernel that copies its input, and a little noise."""

    def __call__(self, shape, dtype=None):
        noise = keras.initializers.VarianceScaling(0.3**2)(shape, dtype)
        middle = np.zeros(shape, "float32")
        middle[shape[0] // 2, shape[1] // 2] = np.eye(shape[2], shape[3])
        return noise + ops.cast(middle, noise.dtype)


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
