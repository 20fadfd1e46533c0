"""Sets of known factors, drawn when they are asked for: nothing to download, nothing to keep."""

import numpy as np
import tensorflow as tf

from zoo.data import chairs, splits, sprites
from zoo.data.factor_set import FactorSet
from zoo.data.source import Source

SETS = {s.name: s for s in (sprites.SPRITES, sprites.SPRITES_COLOR, chairs.CHAIRS)}
NAMES = tuple(SETS)
TEST = 2000  # pictures in `test`; all others are `train`
KEY = 2017, 4  # of the one order in which pictures stand


def split_names(name: str, data_dir: str | None) -> list[str]:
    """train and test."""
    del data_dir
    return list(_sizes(SETS[name]))


def load(name: str, split: str, data_dir: str | None, channels: int) -> Source:
    """Opens a factor set; `data_dir` and `channels` do not matter here.

    Records also have "factors", int64 [k]. Pictures are shuffled, always alike, so that every
    slice of a split is a fair sample.
    """
    del data_dir, channels
    known = SETS[name]
    parts = splits.parse(_sizes(known), split, name)
    begins = {"train": 0, "test": known.size - TEST}
    ends = np.cumsum([stop - start for _, start, stop in parts], dtype=np.int64)
    # From an index, which counts over the parts, to a place in the whole set.
    shifts = np.int64([begins[k] + stop for k, _, stop in parts]) - ends

    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        place = index + tf.gather(shifts, tf.searchsorted(ends, [index], "right")[0])
        key = tf.constant(KEY, tf.uint32)
        shuffled = tf.random.experimental.index_shuffle(place, key, known.size - 1)
        factors = known.factors_of(shuffled)
        return {"image": known.render(factors), "factors": factors}

    return Source(name, split, int(ends[-1]), known.image_shape, record, factor_set=known)


def _sizes(known: FactorSet) -> dict[str, int]:
    return {"train": known.size - TEST, "test": TEST}
