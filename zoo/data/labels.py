"""Part of a source, chosen by labels: few of each class, all but one class, or one alone."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.data.source import Source


def few(
    source: Source, per_class: int | None = None, fraction: float | None = None, seed: int = 0
) -> Source:
    """Few pictures of each class: always the same ones, and more of them hold the fewer.

    Args:
      source: with labels.
      per_class: how many of each class, or
      fraction: which share of each class, in (0, 1]; at least one picture.
      seed: of the choice.

    Raises:
      UserError: no labels, fewer pictures of a class than asked for, or both ways at once.
    """
    if per_class is not None and fraction is not None:
        raise UserError("give --labels_per_class or --label_fraction, not both")
    if fraction is not None and not 0 < fraction <= 1:
        raise UserError(f"--label_fraction={fraction:g} must be above 0 and at most 1")
    labels = of(source)
    order = np.random.default_rng(seed).permutation(source.size)
    chosen = []
    for label in np.unique(labels):
        there = order[labels[order] == label]
        wanted = per_class if fraction is None else max(1, round(fraction * len(there)))
        if wanted > len(there):
            raise UserError(
                f"--labels_per_class={wanted}, but {source.name} {source.split} has only "
                f"{len(there)} images of class {source.class_names[label]}"
            )
        chosen.append(there[:wanted])
    return _picked(source, np.sort(np.concatenate([order[:0], *chosen])))


def without(source: Source, label: int) -> Source:
    """All pictures but those of one class."""
    return _picked(source, np.flatnonzero(~_is(source, label)))


def only(source: Source, label: int) -> Source:
    """The pictures of one class."""
    return _picked(source, np.flatnonzero(_is(source, label)))


def of(source: Source, count: int | None = None) -> np.ndarray:
    """The labels of the first `count` pictures or of all, int64; UserError without labels."""
    source.require_labels()
    indices = tf.data.Dataset.range(min(source.size, count or source.size))
    labels = indices.map(lambda i: source.record(i)["label"], num_parallel_calls=2)
    parts = list(labels.batch(1024).as_numpy_iterator())
    return np.concatenate(parts) if parts else np.zeros([0], np.int64)


def missing(source: Source, held_out: Source) -> list[str]:
    """The classes of a source that pictures held out from it have none of."""
    there = set(of(held_out).tolist())
    return [name for label, name in enumerate(source.class_names) if label not in there]


def as_in(source: Source, names: Sequence[str]) -> Source:
    """The same pictures, with their classes numbered as in `names`; none: as they are.

    Raises:
      UserError: where a class is not among them.
    """
    if not names or source.class_names is None or list(names) == source.class_names:
        return source
    if foreign := [name for name in source.class_names if name not in names]:
        raise UserError(
            f"{source.name} has the class {foreign[0]}, which the model was not trained on: it "
            f"knows {', '.join(names)}"
        )
    numbers = tf.constant([list(names).index(name) for name in source.class_names], tf.int64)

    def record(index: tf.Tensor) -> dict[str, tf.Tensor]:
        found = source.record(index)
        return found | {"label": tf.gather(numbers, found["label"])}

    return dataclasses.replace(source, record=record, class_names=list(names))


def known(source: Source) -> bool:
    """Whether the pictures have labels."""
    return source.class_names is not None


def _is(source: Source, label: int) -> np.ndarray:
    """Whether each picture is of the class; UserError for a class that the data do not have."""
    source.require_labels()
    last = len(source.class_names) - 1
    if not 0 <= label <= last:
        raise UserError(f"{source.name} has no class {label}; its classes are 0 to {last}")
    return of(source) == label


def _picked(source: Source, indices: np.ndarray) -> Source:
    kept = tf.constant(indices, tf.int64)
    return dataclasses.replace(
        source,
        size=len(indices),
        record=lambda index: source.record(tf.gather(kept, index)),
        files=[source.files[i] for i in indices] if source.files else (),
    )
