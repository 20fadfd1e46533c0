"""Noise as cameras leave it in finished pictures: no grain, but blotches, wide and colored.

A camera counts photons, sees one color at a pixel, guesses the others from its neighbors,
balances white, applies a tone curve (Guo et al. 2019, CBDNet, section 3; Brooks et al. 2019,
section 3), and takes out what noise it can. The last makes the blotches: fine noise is easily
taken out and wide noise is not, and more is taken from the colors than from the lightness.
"""

from __future__ import annotations

from etils import epy

from zoo.images.degradation import degradation

with epy.lazy_imports():  # flags are made from this file, and need no TensorFlow
    import tensorflow as tf

    from zoo.images import color

OCTAVES = 5
# By which power of 2 each wider octave keeps more; low and high. Chosen for the correlations of
# noise of five cameras (Xu et al. 2018, PolyU).
LUMA, CHROMA = (-0.4, 0.7), (0.75, 1.45)
CHROMA_SHARE = 0.2, 0.8  # standard deviation of the color's noise, in that of the lightness


@degradation("camera", default=(0.0, 15.0), limits=(0.0, 100.0))
def camera(image: tf.Tensor, seed: tf.Tensor, camera_noise: tf.Tensor) -> tf.Tensor:
    """Noise as a camera leaves it in its pictures.

    Args:
      camera_noise: standard deviation of camera noise's lightness, 0 to 255, or a range.
    """
    sensor_seed, tone_seed, denoised_seed = tf.unstack(tf.random.split(seed, 3))
    seen = tf.clip_by_value(image, 0.0, 1.0)
    seen = tf.image.grayscale_to_rgb(seen) if image.shape[-1] == 1 else seen
    light = color.to_linear(seen)
    # A tone curve beside sRGB's, some way from straight to 3 x^2 - 2 x^3.
    contrast = tf.random.stateless_uniform([], tone_seed)
    slope = color.slope(light) * (1.0 - contrast + contrast * 6.0 * seen * (1.0 - seen))
    luma, chroma = denoised(slope * sensor_noise(light, sensor_seed), denoised_seed)
    return image + camera_noise / 255.0 * (luma if image.shape[-1] == 1 else luma + chroma)


def sensor_noise(light: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """Poisson-Gaussian noise on a Bayer mosaic, demosaicked bilinearly and white-balanced.

    Args:
      light: linear, [h, w, 3] in [0, 1].

    Returns:
      [h, w, 3], of no certain scale.
    """
    drawn_seed, phase_seed, noise_seed = tf.unstack(tf.random.split(seed, 3))
    red, blue, read = tf.unstack(tf.random.stateless_uniform([3], drawn_seed))
    gains = tf.stack([1.2 + 1.2 * red, 1.0, 1.2 + 1.2 * blue])
    stddev = tf.sqrt(light / gains + 0.02 * read)
    noise = stddev * tf.random.stateless_normal(tf.shape(light), noise_seed)
    noise *= _mosaic(tf.shape(light)[0], tf.shape(light)[1], phase_seed)
    # From neighbors of the same color: two or four for red and blue, four for green.
    cross, plus = [[1, 2, 1], [2, 4, 2], [1, 2, 1]], [[0, 1, 0], [1, 4, 1], [0, 1, 0]]
    window = tf.transpose(tf.constant([cross, plus, cross], tf.float32), [1, 2, 0])
    window = window[..., tf.newaxis] / 4.0
    return gains * tf.nn.depthwise_conv2d(noise[tf.newaxis], window, [1] * 4, "SAME")[0]


def _mosaic(height: tf.Tensor, width: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """1 where a Bayer sensor sees the channel, else 0: [h, w, 3]."""
    red, green, blue = [1, 0, 0], [0, 1, 0], [0, 0, 1]
    square = tf.constant([[red, green], [green, blue]], tf.float32)
    square = tf.roll(square, tf.random.stateless_uniform([2], seed, 0, 2, tf.int32), [0, 1])
    return tf.tile(square, [height // 2 + 1, width // 2 + 1, 1])[:height, :width]


def denoised(noise: tf.Tensor, seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """What a camera's own noise reduction leaves of [h, w, 3].

    Each octave of a Laplacian pyramid (Burt and Adelson 1983) keeps its share, drawn at random.

    Returns:
      Of lightness, of standard deviation 1, and of color, each [h, w, 3].
    """
    drawn = tf.unstack(tf.random.stateless_uniform([3], seed))
    ends = zip(drawn, (LUMA, CHROMA, CHROMA_SHARE), strict=True)
    luma_growth, chroma_growth, chroma_share = [low + (high - low) * x for x, (low, high) in ends]
    height, width = tf.unstack(tf.shape(noise)[:2])
    beyond = [[0, -height % 2**OCTAVES], [0, -width % 2**OCTAVES], [0, 0]]
    fine, octaves = tf.pad(noise, beyond)[tf.newaxis], []
    for _ in range(OCTAVES):
        coarse = tf.nn.avg_pool2d(fine, 2, 2, "VALID")
        octaves.append(fine - _doubled(coarse))
        fine = coarse
    luma, chroma = 0.0, 0.0
    for k, octave in reversed(list(enumerate([*octaves, fine]))):
        gray = tf.reduce_mean(octave, -1, keepdims=True)
        luma = 2.0 ** (k * luma_growth) * gray + _doubled(luma)
        # As wide as a noise reduction looks.
        chroma = 2.0 ** (min(k, 4) * chroma_growth) * (octave - gray) + _doubled(chroma)
    luma, chroma = (x[0, :height, :width] / (tf.math.reduce_std(x) + 1e-6) for x in (luma, chroma))
    return luma, chroma_share * chroma


def _doubled(x):
    return tf.image.resize(x, 2 * tf.shape(x)[1:3], "bilinear") if tf.is_tensor(x) else x
