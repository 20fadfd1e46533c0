"""From a source to batches: order, crop, augment, example, batch, prefetch.

All randomness is stateless in (seed, epoch, index): the same seed gives the same batches,
from whichever step a run goes on.
"""

import functools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import tensorflow as tf

from zoo.cli import UserError
from zoo.data import augmentation, crops, labels, service
from zoo.data.source import Source, each_picture, resize_to_fill, squeezed, to_float

if TYPE_CHECKING:
    from zoo.models.base import Model


def train_batches(
    source: Source,
    model: "Model",
    batch_size: int,
    seed: int = 0,
    start: int = 0,
    crop_size: int = 0,
    augment: str = "none",
    shrink: tuple[float, float] = (1.0, 1.0),
    crop_share: tuple[float, float] | None = None,
    share: "Share | None" = None,
    data_service: str = "",
) -> tf.data.Dataset:
    """Endless training batches, beginning with the image at position `start`.

    Args:
      source: the pictures; every epoch shows each once, in a new order.
      model: makes the pairs (`example`) and knows its image size and channels.
      batch_size: over all replicas.
      seed: of order, crops, augmentation and examples.
      start: images to leave out at the front, at no cost.
      crop_size: side of the random square crop; 0 for whole images.
      shrink: pictures are reduced by a factor between these before they are cropped.
      crop_share: in place of these, crops are a share between these of a picture's shorter side,
        made `crop_size` large.
      augment: none, shift (by up to a 14th of each side), flip (left and right), dihedral (the
        square's 8 symmetries), or color (those, and another brightness, contrast and tint).
      share: the part of every batch that is wanted here; None for all of it.
      data_service: where a dispatcher of tf.data's service listens, HOST:PORT; "" for this process.

    Returns:
      A data set of (inputs, target), each with a leading batch axis.
    """
    if source.size == 0:
        raise UserError(f"the training split of {source.name} is empty; widen --split")

    share = share or Share(0, batch_size, batch_size)
    if crop_share:
        cut = functools.partial(crops.shared, share=crop_share)
    else:
        cut = functools.partial(crops.shrunk, shrink=shrink)

    def pair(count: tf.Tensor):
        step, place = count // share.size, count % share.size
        position = start + step * batch_size + share.first + place
        epoch, place = position // source.size, position % source.size
        order_seed = tf.cast(tf.stack([seed, epoch]), tf.uint32)
        index = tf.random.experimental.index_shuffle(place, order_seed, source.size - 1)
        seeds = _example_seeds(tf.cast(tf.stack([seed, epoch]), tf.int32), index)
        record = source.record(index)
        if crop_size:  # first, so that what is cut off costs nothing
            record = each_picture(record, lambda x: cut(x, seeds[0], crop_size))
        record = float_record(record, model)
        record = each_picture(record, lambda x: augmentation.augmented(x, seeds[1], augment))
        return model.example(record, seeds[2])

    counts = tf.data.Dataset.range(np.iinfo(np.int64).max)
    pairs = counts.map(pair, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True)
    batches = pairs.batch(share.replica_size, drop_remainder=True)
    if data_service:
        batches = service.distributed(batches, source, data_service)
    return _with_options(batches.prefetch(tf.data.AUTOTUNE))


class Share(NamedTuple):
    """What one worker reads of every batch: nothing is read that another worker reads.

    Attributes:
      first: place in the batch of its first image.
      size: how many images.
      replica_size: of these for each of its replicas, whose batches follow each other.
    """

    first: int
    size: int
    replica_size: int


def eval_batches(
    source: Source,
    model: "Model",
    batch_size: int = 100,
    seed: int = 0,
    limit: int | None = None,
    crop_size: int = 0,
) -> tf.data.Dataset:
    """Whole images in order, each once; images of differing sizes come one by one.

    Args:
      source: the pictures.
      model: makes the pairs and knows its image size and channels.
      batch_size: where all images are of one size.
      seed: of the examples; image i is degraded alike in every evaluation.
      limit: at most so many images.
      crop_size: side of the square cut from the middle of each image; 0 for whole images.
    """

    def pair(index: tf.Tensor, record: dict[str, tf.Tensor]):
        seeds = _example_seeds(tf.constant([seed, 0]), index)
        record = float_record(record, model)
        if crop_size:
            record = each_picture(record, lambda x: crops.center(x, crop_size))
        return model.example(record, seeds[2])

    one_size = model.image_size is not None or None not in source.image_shape
    pairs = whole_records(source, limit).map(pair, num_parallel_calls=tf.data.AUTOTUNE)
    return _with_options(pairs.batch(batch_size if one_size else 1).prefetch(2))


def whole_records(source: Source, limit: int | None = None) -> tf.data.Dataset:
    """(index, record) of the first `limit` pictures in order, those of broken files left out.

    Raises:
      UserError: where there are no pictures.
    """
    size = min(source.size, limit or source.size)
    if size == 0:
        raise UserError(f"the split {source.split} of {source.name} is empty; widen --split")
    records = tf.data.Dataset.range(size).map(
        lambda index: (index, source.record(index)), num_parallel_calls=tf.data.AUTOTUNE
    )
    if "stands_in" in records.element_spec[1]:  # a broken file counts as none, not as another
        records = records.filter(lambda index, record: not record["stands_in"])
    return records


def sample_images(
    source: Source, model: "Model", count: int, crop_size: int = 0
) -> list[np.ndarray]:
    """The first `count` images as `model.adapt` takes them, or a crop of each."""
    images = tf.data.Dataset.range(min(count, source.size)).map(
        lambda index: float_record(source.record(index), model)["image"],
        num_parallel_calls=tf.data.AUTOTUNE,
    )
    if crop_size:
        images = images.map(lambda image: crops.random(image, tf.zeros([2], tf.int32), crop_size))
    return list(images.as_numpy_iterator())


def sample_labels(source: Source, count: int) -> np.ndarray | None:
    """The labels of those images, int64; None where the data have none."""
    return labels.of(source, count) if labels.known(source) else None


def float_record(record: dict[str, tf.Tensor], model: "Model") -> dict[str, tf.Tensor]:
    """Pictures as float32 in [0, 1], with the model's channels and size."""
    return each_picture(record, lambda x: _float(x, model))


def _float(image: tf.Tensor, model: "Model") -> tf.Tensor:
    image = to_float(image)
    if image.shape[-1] == 1 and model.channels == 3:
        image = tf.image.grayscale_to_rgb(image)
    if image.shape[-1] == 3 and model.channels == 1:
        image = tf.image.rgb_to_grayscale(image)
    if model.image_size is not None and model.squeezes:
        image = squeezed(image, *model.image_size)
    elif model.image_size is not None:
        image = resize_to_fill(image, *model.image_size)
    return tf.ensure_shape(image, [None, None, model.channels])


def _example_seeds(base: tf.Tensor, index: tf.Tensor) -> list[tf.Tensor]:
    """Three independent seeds for one image: crop, augmentation, example."""
    folded = tf.random.experimental.stateless_fold_in(base, index)
    return tf.unstack(tf.random.split(folded, 3))


def _with_options(batches: tf.data.Dataset) -> tf.data.Dataset:
    options = tf.data.Options()
    options.autotune.ram_budget = 1 << 30
    # `Share` has parted the training batches by data already, image by image; sharding files
    # would tie the order of the images to the number of workers.
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return batches.with_options(options)
