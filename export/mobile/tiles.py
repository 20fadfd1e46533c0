"""A picture of any size through a signature of a fixed size: overlapping tiles, blended.

`Tiles.kt` and `Tiles.swift` are this, line by line, and give the same bytes. It is what
`zoo.models.tiles` does for Keras, with the tile that the file has.
"""

from collections.abc import Callable

import numpy as np

from export.mobile.artifact import BOX, WHOLE, Spec
from zoo.cli import UserError
from zoo.files import levels

Run = Callable[[dict[str, np.ndarray]], np.ndarray]


def restore(
    spec: Spec,
    pictures: dict[str, np.ndarray],
    run: Run,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> np.ndarray:
    """Runs the signature tile by tile.

    Args:
      spec: of the signature.
      pictures: uint8 [height, width, channels] by the inputs' names, all of one size.
      run: one tile's inputs [1, h, w, c] as they are stored -> the output as it is stored. A
        tile is as large as the file's input, or as the picture where that is smaller and no
        `box` goes with it.
      progress: called after every tile with (tiles done, tiles in all).

    Returns:
      uint8 [height, width, channels], `scale` times as large.

    Raises:
      UserError: where sizes differ, or the model takes another.
    """
    height, width = _size(spec, pictures)
    scale, channels = spec.scale, spec.output.shape[-1]
    rows, columns = Axis(height, spec.sides[0], spec), Axis(width, spec.sides[1], spec)
    stored_as = {name: spec.inputs[name].levels() for name in spec.pictures}
    seen = {}
    if WHOLE in spec.inputs:
        stored, picture = spec.inputs[WHOLE], pictures[spec.pictures[0]]
        seen[WHOLE] = stored.levels()[reduced(picture, *stored.shape[1:3])][None]
    result = np.empty([height * scale, width * scale, channels], np.uint8)
    band = np.zeros([rows.tile * scale, columns.length * scale, channels], np.float32)
    total, done = len(rows.starts) * len(columns.starts), 0
    for i, top in enumerate(rows.starts):
        for j, left in enumerate(columns.starts):
            cut = np.ix_(rows.pixels(top), columns.pixels(left))
            tile = {name: stored_as[name][pictures[name][cut]][None] for name in spec.pictures}
            if BOX in spec.inputs:
                ends = [top / height, left / width]
                ends += [(top + rows.tile) / height, (left + columns.tile) / width]
                seen[BOX] = np.float32([ends])
            stored = run(tile | seen)
            weight = rows.weights[i][:, None, None] * columns.weights[j][None, :, None]
            target = band[:, left * scale : (left + columns.tile) * scale]
            target += weight * spec.output.numbers(stored)[0]
            done += 1
            progress(done, total)
        # Rows above the next tile's top are final; the others wait for its share.
        last = i + 1 == len(rows.starts)
        ready = (rows.tile if last else rows.starts[i + 1] - top) * scale
        target = result[top * scale : top * scale + ready]
        target[:] = levels.from_float(band[: len(target), : width * scale])
        band[: len(band) - ready] = band[ready:].copy()
        band[len(band) - ready :] = 0
    return result


def reduced(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """uint8 [height, width, channels]: bilinear, with antialiasing where it becomes smaller."""
    rows, columns = _shares(picture.shape[0], height), _shares(picture.shape[1], width)
    return np.uint8(np.round(np.einsum("yh,xw,hwc->yxc", rows, columns, picture, optimize=True)))


def _shares(length: int, count: int) -> np.ndarray:
    """Of each of `length` pixels in each of `count`, [count, length]; rows sum to one."""
    ratio = length / count
    places = np.clip((np.arange(count) + 0.5) * ratio - 0.5, 0, length - 1)
    shares = np.maximum(1 - np.abs(places[:, None] - np.arange(length)) / max(ratio, 1.0), 0)
    return shares / shares.sum(1, keepdims=True)


class Axis:
    """Tiles along one side of a picture.

    Attributes:
      length: of the side, made a multiple of the stride.
      tile: side of a tile.
      starts: of the tiles.
      weights: of each tile's output pixels, float32; they sum to one at every pixel.
    """

    def __init__(self, side: int, tile: int, spec: Spec):
        scale = spec.scale
        self.side, self.length = side, -(-side // spec.stride) * spec.stride
        if BOX in spec.inputs:  # where its pixels lie was computed for the file's own size
            self.length = max(self.length, tile)
        self.tile = min(tile, self.length)
        step = max(tile - spec.overlap, spec.stride)
        self.starts = [*range(0, self.length - self.tile, step), self.length - self.tile]
        ramps = [self._ramp(start, (tile - step) * scale, scale) for start in self.starts]
        total = np.zeros(self.length * scale)
        for start, ramp in zip(self.starts, ramps, strict=True):
            total[start * scale : (start + self.tile) * scale] += ramp
        self.weights = [
            np.float32(ramp / total[start * scale : (start + self.tile) * scale])
            for start, ramp in zip(self.starts, ramps, strict=True)
        ]

    def pixels(self, start: int) -> np.ndarray:
        """Which pixels of the picture a tile shows; beyond the edge it is mirrored."""
        wave = np.arange(start, start + self.tile) % (2 * self.side)
        return np.minimum(wave, 2 * self.side - 1 - wave)

    def _ramp(self, start: int, overlap: int, scale: int) -> np.ndarray:
        """Zero for a quarter of the overlap, a slope for half of it, then one."""
        slope = max(overlap / 2, 0.5)  # some weight everywhere without overlap
        distance = np.arange(self.tile * scale) + 0.5
        rise = np.clip((distance - slope / 2) / slope, 0, 1)
        before = np.ones_like(rise) if start == 0 else rise
        after = np.ones_like(rise) if start + self.tile == self.length else rise[::-1]
        return np.minimum(before, after)


def _size(spec: Spec, pictures: dict[str, np.ndarray]) -> tuple[int, int]:
    """Height and width of all of them."""
    sizes = {name: picture.shape[:2] for name, picture in pictures.items()}
    told = ", ".join(f"{name} {width}x{height}" for name, (height, width) in sizes.items())
    if len(set(sizes.values())) > 1:
        raise UserError(f"sizes differ: {told}; give them in one size")
    size = next(iter(sizes.values()))
    if not spec.any_size and size != spec.sides:
        raise UserError(f"{told}: the model takes {spec.sides[1]}x{spec.sides[0]} alone")
    return size
