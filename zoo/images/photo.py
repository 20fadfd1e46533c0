"""A photograph as it is met on the web: soft, reduced, noisy, compressed, in any order."""

from __future__ import annotations

from etils import epy

from zoo.images.camera import camera
from zoo.images.compression import web_jpeg
from zoo.images.degradation import degradation
from zoo.images.noise import gaussian
from zoo.images.resampling import blur, downscale

with epy.lazy_imports():  # flags are made from this file, and need no TensorFlow
    import tensorflow as tf

FILTERS = "bicubic", "bilinear", "area", "lanczos3"
SPARED = 0.25  # the share of pictures that `photo_or_downscale` does not damage


@degradation("photo", default=2, limits=(2, 4), changes_size=True, eight_bits=True)
def photo(image: tf.Tensor, seed: tf.Tensor, scale: int) -> tf.Tensor:
    """Blur, reduction to sides // scale, noise and JPEG in any order, then JPEG.

    After Zhang et al. 2021, BSRGAN, section 3.2, milder: a person's picture, not a ruin.
    """
    order_seed, last_seed, *seeds = tf.unstack(tf.random.split(seed, 7))
    sides = tf.shape(image)[:2] // tf.cast(scale, tf.int32)
    small_first, noise_first, file_first = tf.unstack(
        tf.random.stateless_uniform([3], order_seed) < 0.5
    )

    def perhaps(condition, function, image):
        return tf.cond(condition, lambda: function(image), lambda: image)

    def noisy(image):
        return _noisy(image, seeds[0])

    def smaller(image):
        return _reduced(image, seeds[1], sides)

    image = perhaps(noise_first, noisy, image)
    image = perhaps(small_first, smaller, image)
    image = blur(image, seeds[2], _drawn(seeds[2], 0.1, 0.35) * tf.cast(scale, tf.float32))
    image = perhaps(~noise_first, noisy, image)
    image = perhaps(file_first, lambda x: _file(x, seeds[3], 60.0), image)
    image = perhaps(~small_first, smaller, image)
    return _file(image, last_seed, 50.0)


@degradation("photo_or_downscale", default=2, limits=(2, 4), changes_size=True, eight_bits=True)
def photo_or_downscale(image: tf.Tensor, seed: tf.Tensor, scale: int) -> tf.Tensor:
    """`photo` for three pictures in four, `downscale` for one.

    So that what is trained on it knows a clean picture, and leaves it sharp.
    """
    spared_seed, seed = tf.unstack(tf.random.split(seed))
    return tf.cond(
        _drawn(spared_seed, 0.0, 1.0) < SPARED,
        lambda: downscale(image, seed, scale),
        lambda: photo(image, seed, scale),
    )


def _drawn(seed: tf.Tensor, low: float, high: float) -> tf.Tensor:
    return tf.random.stateless_uniform([], seed, low, high)


def _reduced(image: tf.Tensor, seed: tf.Tensor, sides: tf.Tensor) -> tf.Tensor:
    known = [lambda f=f: tf.image.resize(image, sides, f, antialias=True) for f in FILTERS]
    return tf.switch_case(tf.random.stateless_uniform([], seed, 0, len(FILTERS), tf.int32), known)


def _noisy(image: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    which, strength, noise = tf.unstack(tf.random.split(seed, 3))
    drawn = _drawn(strength, 0.0, 12.0)
    white = _drawn(which, 0.0, 1.0) < 0.5
    return tf.cond(
        white, lambda: gaussian(image, noise, drawn), lambda: camera(image, noise, drawn)
    )


def _file(image: tf.Tensor, seed: tf.Tensor, worst: float) -> tf.Tensor:
    return web_jpeg(image, seed, _drawn(seed, worst, 95.0))
