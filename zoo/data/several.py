"""Several sources as one."""

import collections

import numpy as np
import tensorflow as tf

from zoo.data.source import Source


def joined(name: str, sources: list[Source], repeats: list[int]) -> Source:
    """The pictures of one source after those of another.

    Labels are kept where all have the same classes. Pictures are uint16, and RGB where some are.

    Args:
      name: of all together.
      sources: one or more.
      repeats: how many times each picture of a source counts, source by source.
    """
    parts = [s for s, count in zip(sources, repeats, strict=True) for _ in range(count)]
    ends = np.cumsum([s.size for s in parts], dtype=np.int64)
    begins = ends - [s.size for s in parts]
    shapes = {s.image_shape for s in parts}
    channels = max(s.image_shape[2] for s in parts)
    sides = shapes.pop()[:2] if len({shape[:2] for shape in shapes}) == 1 else (None, None)
    same_classes = all(s.class_names == parts[0].class_names for s in parts)

    def record_of(part: int, index: tf.Tensor) -> dict[str, tf.Tensor]:
        found = parts[part].record(index - begins[part])
        record = {k: _image(found[k], channels) for k in ("image", "damaged") if k in found}
        record["stands_in"] = found.get("stands_in", tf.constant(False))
        if same_classes and "label" in found:
            record["label"] = found["label"]
        return record

    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        part = tf.searchsorted(ends, [index], "right")[0]
        found = tf.switch_case(part, [lambda k=k: record_of(k, index) for k in range(len(parts))])
        for key in found.keys() & {"image", "damaged"}:
            found[key] = tf.ensure_shape(found[key], [*sides, channels])
        return found

    return Source(
        name,
        sources[0].split,
        int(ends[-1]),
        (*sides, channels),
        record,
        parts[0].class_names if same_classes else None,
        collections.ChainMap(*(s.broken for s in sources)),
    )


def _image(image: tf.Tensor, channels: int) -> tf.Tensor:
    if image.shape[-1] < channels:
        image = tf.image.grayscale_to_rgb(image)
    return tf.cast(image, tf.uint16) * 257 if image.dtype == tf.uint8 else image
