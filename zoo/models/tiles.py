"""Restores a picture of any size in overlapping tiles, in little memory.

Tiles lie on multiples of the model's stride, so that every pixel is seen in the phase in
which the whole image would show it. Where tiles overlap they are blended by ramps; the
outermost pixels of a tile, which miss their surroundings, have no weight. Rows of tiles
are finished one by one, so that only one row is held in float. A model that must see the
whole picture has a signature `restore_part`, which takes it, reduced, beside every tile.
"""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from zoo.cli import UserError
from zoo.files import levels, mapped

TILE = 384


class Tileable(Protocol):
    """What is asked of a model here, be it one of Keras or one that was exported."""

    name: str
    registered_name: str
    stride: int
    overlap: int
    scale: int
    keeps_pixels: bool
    serve: dict[str, Callable[[dict], dict]]

    def signatures(self) -> dict[str, Any]:
        """By name, with declared inputs and outputs."""

    def check_inputs(self, image: np.ndarray, **others: np.ndarray) -> None:
        """Raises UserError where the model cannot restore these."""


def restore(
    model: Tileable,
    images: np.ndarray,
    progress: Callable[[int, int], None] = lambda done, total: None,
    tile: int | None = None,
    strength: float = 1.0,
    steering: dict[str, np.ndarray] | None = None,
    **inputs: np.ndarray,
) -> np.ndarray:
    """Runs a model's `restore` signature over [h, w, c] or [batch, h, w, c].

    Args:
      model: one with a `restore` signature.
      images: uint8 or uint16 over the full range, bool, or floats in [0, 1]; also [h, w].
      progress: called after every tile with (tiles done, tiles in all) of the image.
      tile: side of a tile; images within one tile's area are taken whole. None: TILE, or less
        where as many tiles then reach over the image.
      strength: how far from the images, 0, to what the network makes of them, 1.
      steering: what the `steer` signature takes beside a part and the whole; it is run then.
      **inputs: what else the signature takes, of the same kinds and sides.

    Returns:
      Restored images of the same type (bool and floats become float32), `model.scale` times as
      large; of [h, w] again [h, w], where they are gray.

    Raises:
      UserError: where the model does not restore, or the image does not fit it.
    """
    given = {k: np.asarray(v) for k, v in ({"image": images} | inputs).items()}
    is_flat = given["image"].ndim == 2
    given = {k: v[..., np.newaxis] if v.ndim == 2 else v for k, v in given.items()}
    check(model, given)
    check_strength(model, strength)
    if given["image"].ndim == 3:
        restored = _restore_one(model, given, progress, tile, strength, steering or {})
        return restored[..., 0] if is_flat and restored.shape[-1] == 1 else restored
    batch = [
        _restore_one(model, {k: v[i] for k, v in given.items()}, progress, tile, strength, {})
        for i in range(len(images))
    ]
    return np.stack(batch)


def seen_whole(model: Tileable, images: np.ndarray) -> dict[str, np.ndarray]:
    """What `restore_part` takes beside images [b, h, w, c] that are no parts; {} without one."""
    part = model.signatures().get("restore_part")
    if part is None:
        return {}
    from zoo.layers import resample

    whole = resample.resize(levels.to_float(images), *part.inputs["whole"].shape[:2])
    return {"whole": np.asarray(whole), "box": np.float32([[0, 0, 1, 1]] * len(images))}


def check(model: Tileable, given: dict[str, np.ndarray]) -> None:
    """Raises UserError where `given` is not what the `restore` signature takes."""
    signature = model.signatures().get("restore")
    if signature is None:
        raise UserError(f"{model.registered_name} does not restore images (no such signature)")
    if set(given) != set(signature.inputs):
        raise UserError(f"{model.name} takes {', '.join(signature.inputs)}; got {', '.join(given)}")
    for name, array in given.items():
        channels = signature.inputs[name].shape[-1]
        if array.ndim not in (3, 4) or array.shape[-1] != channels:
            raise UserError(
                f"{name} has shape {list(array.shape)}; expected [height, width, {channels}], "
                "with or without a batch in front"
            )
        if array.size == 0:
            raise UserError(f"{name} has shape {list(array.shape)}: no pixels")
        levels.check(array, name)
    check_sides(given)
    model.check_inputs(**given)


def check_sides(given: dict[str, np.ndarray]) -> None:
    """Raises UserError where these, [..., h, w, c] or [h, w], are not of one size."""
    shapes = {k: a.shape[:2] if a.ndim == 2 else a.shape[-3:-1] for k, a in given.items()}
    if len(set(shapes.values())) > 1:
        told = ", ".join(f"{name} {width}x{height}" for name, (height, width) in shapes.items())
        raise UserError(f"sides differ: {told}; give them in one size")


def check_strength(model: Tileable, strength: float) -> None:
    """Raises UserError where it is none, or the model's answer is no picture of the same shape."""
    if not 0 <= strength <= 1:
        raise UserError(f"strength is {strength:g}; expected 0 to 1")
    if strength != 1 and not takes_strength(model):
        raise UserError(no_strength(model.name))


def no_strength(name: str) -> str:
    """What is wrong with a strength for a model of this name."""
    return f"strength does not apply to {name}: it gives back another picture"


def takes_strength(model: Tileable) -> bool:
    """Whether `restore` gives back the one picture that it takes, which can then be blended in."""
    restores = model.signatures()["restore"]
    takes, gives = ([t.shape for t in x.values()] for x in (restores.inputs, restores.outputs))
    return takes == gives and model.scale == 1


def _restore_one(
    model,
    given: dict[str, np.ndarray],
    progress,
    tile: int | None,
    strength: float,
    steering: dict[str, np.ndarray],
) -> np.ndarray:
    height, width = given["image"].shape[:2]
    scale, dtype = model.scale, given["image"].dtype
    dtype = dtype if dtype.kind == "u" else np.dtype(np.float32)
    is_one, seen = height * width <= (tile or TILE) ** 2, {}
    if steering or not is_one:
        seen = {k: v[0] for k, v in seen_whole(model, given["image"][np.newaxis]).items()}
    serve = model.serve["steer" if steering else "restore_part" if seen else "restore"]
    beside = seen | steering
    if is_one:
        progress(0, 1)
        if min(height, width) < model.stride:
            given = {k: _pad_to_multiple(v, model.stride) for k, v in given.items()}
        whole = _run(serve, given | beside, strength)
        progress(1, 1)
        return _to_type(whole[: height * scale, : width * scale], dtype)

    overlap, stride = model.overlap, model.stride
    sides = (-(-n // stride) * stride for n in (height, width))
    rows, columns = (
        _Axis(n, tile or _fair(n, overlap, stride), overlap, stride, scale) for n in sides
    )
    channels = model.signatures()["restore"].outputs["image"].shape[-1]
    shape = height * scale, width * scale, channels
    result = mapped.empty(shape, dtype, like=given["image"])
    band = np.zeros([rows.tile * scale, columns.length * scale, channels], np.float32)
    total, done = len(rows.starts) * len(columns.starts), 0
    progress(0, total)
    for i, top in enumerate(rows.starts):
        for j, left in enumerate(columns.starts):
            cut = np.s_[top : top + rows.tile, left : left + columns.tile]
            if seen:
                box = [top / height, left / width]
                box += [(top + rows.tile) / height, (left + columns.tile) / width]
                beside["box"] = np.float32(box)
            shown = {k: _pad_to_multiple(v[cut], stride) for k, v in given.items()}
            output = _run(serve, shown | beside, strength)
            weight = rows.weights[i][:, None, None] * columns.weights[j][None, :, None]
            band[:, left * scale : (left + columns.tile) * scale] += weight * output
            done += 1
            progress(done, total)
        # Rows above the next tile's top are final; the others wait for its share.
        last = i + 1 == len(rows.starts)
        ready = (rows.tile if last else rows.starts[i + 1] - top) * scale
        target = result[top * scale : top * scale + ready]
        target[:] = _to_type(band[: len(target), : width * scale], dtype)
        band[: len(band) - ready] = band[ready:].copy()
        band[len(band) - ready :] = 0
        for array in (*given.values(), result):
            mapped.forget(array)
    return result


def _fair(length: int, overlap: int, stride: int) -> int:
    """The least side of tiles with which no more of them reach over a length than of TILE."""
    count = max(1, -(-(length - overlap) // max(1, TILE - overlap)))
    side = -(-(length + (count - 1) * overlap) // count)
    return min(TILE, -(-side // stride) * stride)


class _Axis:
    """Where tiles start along one side, and the weights that sum to one at every pixel."""

    def __init__(self, length: int, tile: int, overlap: int, stride: int, scale: int):
        tile = max(tile // stride * stride, 2 * overlap)
        self.length, self.tile = length, min(tile, length)
        step = max(self.tile - overlap, stride)
        self.starts = [*range(0, length - self.tile, step), length - self.tile]
        self.weights = []
        total = np.zeros(length * scale)
        for start in self.starts:
            ramp = self._ramp(start, overlap, scale)
            self.weights.append(ramp)
            total[start * scale : (start + self.tile) * scale] += ramp
        for i, start in enumerate(self.starts):
            self.weights[i] /= total[start * scale : (start + self.tile) * scale]
            self.weights[i] = self.weights[i].astype(np.float32)

    def _ramp(self, start: int, overlap: int, scale: int) -> np.ndarray:
        """Zero for a quarter of the overlap, a slope for half of it, then one."""
        distance = np.arange(self.tile * scale) + 0.5
        slope = max(overlap * scale / 2, 0.5)  # some weight everywhere without overlap
        rise = np.clip((distance - slope / 2) / slope, 0, 1)
        before = np.ones_like(rise) if start == 0 else rise
        after = np.ones_like(rise) if start + self.tile == self.length else rise[::-1]
        return np.minimum(before, after)


def _run(serve, given: dict[str, np.ndarray], strength: float) -> np.ndarray:
    inputs = {k: levels.to_float(v)[np.newaxis] for k, v in given.items()}
    output = serve(inputs)["image"].numpy()[0]
    if strength == 1:
        return output
    return np.float32(1 - strength) * inputs["image"][0] + np.float32(strength) * output


def _pad_to_multiple(image: np.ndarray, multiple: int) -> np.ndarray:
    """Mirrors the lower and right edge, as the model itself does."""
    bottom, right = (-image.shape[0]) % multiple, (-image.shape[1]) % multiple
    return np.pad(image, [[0, bottom], [0, right], [0, 0]], "symmetric")


def _to_type(image: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if dtype.kind == "f":
        return image
    return levels.from_float(image, dtype)
