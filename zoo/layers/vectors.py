"""An image of one size to a vector, and a vector to an image: encoder and decoder."""

import keras
import numpy as np

from zoo.cli import UserError
from zoo.layers import blocks


def encoder(outputs: int, width: int, depth: int, levels: int, patch: int = 1) -> blocks.Stack:
    """[b, h, w, c] -> [b, outputs]: residual blocks, halved `levels` times, then one product.

    With `patch`, squares of that side are folded into channels first: most of the work is then
    done where convolutions are cheapest for what they learn.
    """
    layers = _way_down(width, depth, levels, patch)
    layers += [keras.layers.Flatten(name="flatten")]
    layers += [keras.layers.Dense(outputs, name="latent", dtype="float32")]
    return blocks.Stack(layers, name="encoder")


def pooled_encoder(width: int, depth: int, levels: int) -> blocks.Stack:
    """[b, h, w, c] -> [b, width 2^levels]: the same blocks, then the largest of each map."""
    layers = [*_way_down(width, depth, levels), keras.layers.ReLU(name="relu")]
    layers += [keras.layers.GlobalMaxPooling2D(name="pool", dtype="float32")]
    return blocks.Stack(layers, name="encoder")


def decoder(
    sides: list[int], channels: int, width: int, depth: int, levels: int, patch: int = 1
) -> blocks.Stack:
    """[b, d] -> [b, *sides, channels]: the encoder's mirror image."""
    narrow = [side // (patch * 2**levels) for side in sides] + [width * 2**levels]
    layers = [keras.layers.Dense(int(np.prod(narrow)), name="spread")]
    layers += [keras.layers.Reshape(narrow, name="reshape")]
    layers += _blocks("decode_body", narrow[-1], depth)
    for i in reversed(range(levels)):
        layers += [blocks.Up(width * 2**i, name=f"up_{i}")]
        layers += _blocks(f"decode_{i}", width * 2**i, depth)
    layers += [blocks.conv(channels * patch**2, name="tail", dtype="float32")]
    if patch > 1:
        layers += [blocks.Unfold(patch, name="unfold", dtype="float32")]
    return blocks.Stack(layers, name="decoder")


def sides(image_size: int | list[int], levels: int, patch: int = 1) -> list[int]:
    """[height, width]; raises UserError where patches cannot be halved `levels` times."""
    height, width = [image_size] * 2 if isinstance(image_size, int) else image_size
    multiple = patch * 2**levels
    if height % multiple or width % multiple:
        nearest = [side // multiple * multiple or multiple for side in (height, width)]
        raise UserError(
            f"image size {height}x{width} is not a multiple of {multiple}; "
            f"try --image_size={nearest[0]},{nearest[1]}, fewer --levels, or a smaller --patch"
        )
    return [height, width]


def _way_down(width: int, depth: int, levels: int, patch: int = 1) -> list[keras.layers.Layer]:
    layers = [blocks.Fold(patch, name="fold")] if patch > 1 else []
    layers += [blocks.conv(width, name="head")]
    for i in range(levels):
        layers += _blocks(f"encode_{i}", width * 2**i, depth)
        layers += [blocks.Down(width * 2 ** (i + 1), name=f"down_{i}")]
    return layers + _blocks("encode_body", width * 2**levels, depth)


def _blocks(name: str, width: int, depth: int) -> list[keras.layers.Layer]:
    return [blocks.ResidualBlock(width, name=f"{name}_{i}") for i in range(depth)]
