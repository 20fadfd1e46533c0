"""Other pictures made of one, as --augment asks."""

import tensorflow as tf


def augmented(image: tf.Tensor, seed: tf.Tensor, augment: str) -> tf.Tensor:
    """One of the pictures that [h, w, c] in [0, 1] can become; kinds as in `train_batches`."""
    flips, turn = tf.unstack(tf.random.stateless_uniform([2], seed, maxval=8, dtype=tf.int32))
    if augment == "shift":
        return _shifted(image, seed)
    if augment != "none":
        image = tf.cond(flips % 2 == 0, lambda: image, lambda: tf.reverse(image, [1]))
    if augment in ("dihedral", "color"):
        image = tf.image.rot90(image, turn % 4)
    if augment == "color":
        image = _recolored(image, seed)
    return image


def _shifted(image: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Moved by up to a 14th of each side; what comes in is mirrored."""
    sides = tf.shape(image)
    reach = tf.maximum(sides[:2] // 14, 1)
    wide = tf.pad(image, [[reach[0]] * 2, [reach[1]] * 2, [0, 0]], "SYMMETRIC")
    shifted = tf.image.stateless_random_crop(wide, sides, seed)
    return tf.ensure_shape(shifted, image.shape)


def _recolored(image: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Other contrast, brightness and tint: each channel is mapped into a range of its own."""
    channels = image.shape[-1]
    drawn = tf.random.stateless_uniform([channels + 1], tf.random.split(seed)[1])
    gain = 0.05 + 0.95 * drawn[0]
    return gain * image + (1.0 - gain) * drawn[1:]
