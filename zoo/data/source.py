"""A source: pictures by index.

Every source answers `record(index)`, so that an epoch's order is a function of (seed,
epoch) and a killed run can go on at any image.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import tensorflow as tf

from zoo.cli import UserError
from zoo.data.factor_set import FactorSet
from zoo.layers import resample


@dataclass
class Source:
    """Pictures by index.

    Attributes:
      name: as given to `--dataset`.
      split: which pictures of it, in TFDS's language.
      size: number of pictures.
      image_shape: (height, width, channels); None where pictures differ.
      record: index, int64 [] -> {"image": uint8 or uint16 [h, w, c]}, with "label",
        int64 [], where the data has labels. From a folder also "file", string [], below it,
        and "stands_in", bool []: true where the picture takes the place of a broken one.
        Of pairs also "damaged": what "image" was before it was restored, of the same shape.
        Where good pictures stand beside bad ones also "defect": where it is, float32 [h, w, 1].
        Runs inside tf.data.
      class_names: of the labels.
      broken: file -> reason, filled while reading.
      factor_set: what made the pictures, where that is known; records then have "factors".
      tells_defects: whether records have "defect".
      files: by index, where pictures lie in files of their own.
    """

    name: str
    split: str
    size: int
    image_shape: tuple[int | None, int | None, int]
    record: Callable[[tf.Tensor], dict[str, tf.Tensor]]
    class_names: list[str] | None = None
    broken: dict[str, str] = field(default_factory=dict)
    factor_set: FactorSet | None = None
    tells_defects: bool = False
    files: Sequence[Path] = ()

    def require_labels(self) -> None:
        """Raises UserError where the pictures have no labels."""
        if self.class_names is None:
            raise UserError(f"{self.name} has no labels; choose data with classes")


def from_arrays(
    arrays: dict[str, tf.Tensor],
) -> Callable[[tf.Tensor], dict[str, tf.Tensor]]:
    """A `record` function over arrays that are held in memory."""
    return lambda index: {key: tf.gather(values, index) for key, values in arrays.items()}


def resized(source: Source, sides: int | list[int] | None) -> Source:
    """The same pictures, scaled and cut to [height, width] (one number: both); None: as is."""
    if sides is None:
        return source
    height, width = [sides] * 2 if isinstance(sides, int) else sides

    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        def filled(image: tf.Tensor) -> tf.Tensor:
            return resize_to_fill(to_float(image), height, width)

        return each_picture(source.record(index), filled)

    shape = (height, width, source.image_shape[2])
    return dataclasses.replace(source, image_shape=shape, record=record)


def each_picture(record: dict[str, tf.Tensor], function: Callable) -> dict[str, tf.Tensor]:
    """What `function` makes of a record's picture, and of the damaged one beside it, if any."""
    return record | {k: function(record[k]) for k in ("image", "damaged") if k in record}


def to_float(image: tf.Tensor) -> tf.Tensor:
    """uint8 or uint16 over its full range, to float32 in [0, 1]; floats stay."""
    if image.dtype.is_floating:
        return image
    return tf.cast(image, tf.float32) / float(image.dtype.max)


def squeezed(image: tf.Tensor, height: int, width: int) -> tf.Tensor:
    """All of the picture, its proportions aside, scaled to [height, width, c]; as it is served."""
    return tf.ensure_shape(
        resample.resize(image[tf.newaxis], height, width)[0], [height, width, None]
    )


def resize_to_fill(image: tf.Tensor, height: int, width: int) -> tf.Tensor:
    """The largest centered part of the wanted proportions, scaled to [height, width, c]."""
    if image.shape[:2] == [height, width]:
        return image
    sides = tf.cast(tf.shape(image)[:2], tf.float32)
    ratio = tf.reduce_max([height, width] / sides)
    scaled = tf.maximum(tf.cast(tf.round(sides * ratio), tf.int32), [height, width])
    image = tf.image.resize(image, scaled, "bicubic", antialias=True)
    top, left = (scaled[0] - height) // 2, (scaled[1] - width) // 2
    image = image[top : top + height, left : left + width]
    return tf.clip_by_value(tf.ensure_shape(image, [height, width, None]), 0.0, 1.0)
