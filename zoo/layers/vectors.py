"""An image of one size to a vector, and a vector to an image: encoder and decoder."""

import keras
import numpy as np

from zoo.cli import UserError
from zoo.layers import blocks


def encoder(outputs: int, width: int, depth: int, levels: int, patch: int = 1) -> keras.Sequential:
    """[b, h, w, c] -> [b, outputs]: residual blocks, halved `levels` times, then one product.

    With `patch`, squares of that side are folded into channels first: most of the work is then
    done where convolutions are cheapest for what they learn.
    """
    stack = _way_down(width, depth, levels, patch)
    stack.add(keras.layers.Flatten(name="flatten"))
    stack.add(keras.layers.Dense(outputs, name="latent", dtype="float32"))
    return stack


def pooled_encoder(width: int, depth: int, levels: int) -> keras.Sequential:
    """[b, h, w, c] -> [b, width 2^levels]: the same blocks, then the largest of each map."""
    stack = _way_down(width, depth, levels)
    stack.add(keras.layers.ReLU(name="relu"))
    stack.add(keras.layers.GlobalMaxPooling2D(name="pool", dtype="float32"))
    return stack


def decoder(
    sides: list[int], channels: int, width: int, depth: int, levels: int, patch: int = 1
) -> keras.Sequential:
    """[b, d] -> [b, *sides, channels]: the encoder's mirror image."""
    narrow = [side // (patch * 2**levels) for side in sides] + [width * 2**levels]
    stack = keras.Sequential(name="decoder")
    stack.add(keras.layers.Dense(int(np.prod(narrow)), name="spread"))
    stack.add(keras.layers.Reshape(narrow, name="reshape"))
    _add_blocks(stack, "decode_body", narrow[-1], depth)
    for i in reversed(range(levels)):
        stack.add(blocks.Up(width * 2**i, name=f"up_{i}"))
        _add_blocks(stack, f"decode_{i}", width * 2**i, depth)
    stack.add(blocks.conv(channels * patch**2, name="tail", dtype="float32"))
    if patch > 1:
        stack.add(blocks.Unfold(patch, name="unfold", dtype="float32"))
    return stack


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


def _way_down(width: int, depth: int, levels: int, patch: int = 1) -> keras.Sequential:
    stack = keras.Sequential(name="encoder")
    if patch > 1:
        stack.add(blocks.Fold(patch, name="fold"))
    stack.add(blocks.conv(width, name="head"))
    for i in range(levels):
        _add_blocks(stack, f"encode_{i}", width * 2**i, depth)
        stack.add(blocks.Down(width * 2 ** (i + 1), name=f"down_{i}"))
    _add_blocks(stack, "encode_body", width * 2**levels, depth)
    return stack


def _add_blocks(stack: keras.Sequential, name: str, width: int, depth: int) -> None:
    for i in range(depth):
        stack.add(blocks.ResidualBlock(width, name=f"{name}_{i}"))
