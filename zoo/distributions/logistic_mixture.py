"""Mixtures of logistics over 8-bit pixels, whose channels depend on each other.

Salimans et al. 2017, PixelCNN++, sections 2.1 and 2.2.
"""

import tensorflow as tf
import tensorflow_probability as tfp

tfd = tfp.distributions

COMPONENTS = 3
BEFORE = (0, -1), (-1, -1), (-1, 0), (-1, 1)  # rows and columns to a pixel's neighbors before it


class LogisticMixture(tfd.Distribution):
    """Of images [h, w, c] with values 0 to 255.

    A component is chosen for a pixel's channels together. The mean of green rises with the red
    that is there, and that of blue with both. Links add to the means what the neighbors before a
    pixel differ from what was expected of them, linearly: so what is expected stays the same.

    Args:
      numbers: [b, h, w, `numbers_of(c)`], as a decoder gives them; with `links_of(c)` more for
        each pixel, [neighbors, their channels, its channels], 0 where it leans on none.
    """

    def __init__(self, numbers):
        self.channels = next(
            c for c in (1, 2, 3, 4) if numbers.shape[-1] - numbers_of(c) in (0, links_of(c))
        )
        self.numbers, self.links = tf.split(numbers, [numbers_of(self.channels), -1], axis=-1)
        super().__init__(
            dtype=tf.float32,
            reparameterization_type=tfd.NOT_REPARAMETERIZED,
            validate_args=False,
            allow_nan_stats=True,
            parameters={"numbers": numbers},
        )

    def _batch_shape_tensor(self):
        return tf.shape(self.numbers)[:1]

    def _batch_shape(self):
        return self.numbers.shape[:1]

    def _event_shape_tensor(self):
        return tf.concat([tf.shape(self.numbers)[1:3], [self.channels]], 0)

    def _event_shape(self):
        return tf.TensorShape([*self.numbers.shape[1:3], self.channels])

    def _log_prob(self, value):
        value = tf.expand_dims(value, -2)  # [b, h, w, 1, c]
        logits, means, log_scales, coefficients = self._parts()
        if self.links.shape[-1]:
            means += self._leaning(value[..., 0, :] / 127.5 - 1.0)[..., tf.newaxis, :]
        apart = value / 127.5 - 1.0 - self._shifted(means, coefficients, value / 127.5 - 1.0)
        inverse = tf.exp(-log_scales)
        upper, lower = inverse * (apart + 1 / 255), inverse * (apart - 1 / 255)
        # log(sigmoid(upper) - sigmoid(lower)), where nothing cancels; the outermost two values
        # stand for all that lies beyond too.
        below, above = -tf.nn.softplus(-upper), -tf.nn.softplus(lower)
        inside = below + above + tf.math.log(-tf.math.expm1(-inverse * (2 / 255)))
        each = tf.where(value < 0.5, below, tf.where(value > 254.5, above, inside))
        joint = tf.nn.log_softmax(logits) + tf.reduce_sum(each, -1)
        return tf.reduce_sum(tf.reduce_logsumexp(joint, -1), [1, 2])

    def _mean(self):
        return 127.5 * (self._expected() + 1.0)

    def _expected(self):
        """The mean in [-1, 1], [b, h, w, c]."""
        logits, means, _, coefficients = self._parts()
        expected = means
        for _ in range(self.channels - 1):  # each channel needs those before it
            expected = self._shifted(means, coefficients, expected)
        weights = tf.expand_dims(tf.nn.softmax(logits), -1)
        return tf.reduce_sum(weights * expected, -2)

    def _leaning(self, values):
        """What the neighbors of values [b, h, w, c] in [-1, 1] add to the means, [b, h, w, c]."""
        height, width = values.shape[1:3]
        apart = tf.pad(values - self._expected(), [[0, 0], [1, 0], [1, 1], [0, 0]])
        before = [apart[:, 1 + i :, 1 + j :][:, :height, :width] for i, j in BEFORE]
        before = tf.concat(before, -1)[..., tf.newaxis]
        links = tf.reshape(self.links, tf.concat([tf.shape(before)[:4], [self.channels]], 0))
        return tf.reduce_sum(before * links, 3)  # as a product LiteRT has it, as einsum it has not

    def _parts(self):
        """Logits [b, h, w, k]; means, log scales [..., k, c]; coefficients [..., k, c (c-1)/2]."""
        c = self.channels
        sizes = [COMPONENTS * n for n in (1, c, c, c * (c - 1) // 2)]
        logits, *rest = tf.split(self.numbers, sizes, axis=-1)
        shape = tf.concat([tf.shape(logits), [-1]], 0)
        means, log_scales, coefficients = (
            tf.reshape(x, shape) if x.shape[-1] else None for x in rest
        )
        return logits, means, tf.clip_by_value(log_scales - 1.0, -7.0, 3.0), coefficients

    def _shifted(self, means, coefficients, values):
        """The means, given the values of the channels before each, all in [-1, 1]."""
        shifted, used = [means[..., 0]], 0
        for channel in range(1, self.channels):
            weights = tf.tanh(coefficients[..., used : used + channel])
            before = values[..., :channel]
            shifted.append(means[..., channel] + tf.reduce_sum(weights * before, -1))
            used += channel
        return tf.stack(shifted, -1)


def numbers_of(channels: int) -> int:
    """How many numbers describe a pixel."""
    return COMPONENTS * (1 + 2 * channels + channels * (channels - 1) // 2)


def links_of(channels: int) -> int:
    """How many more tie a pixel to its neighbors before it."""
    return len(BEFORE) * channels**2


def image(numbers):
    """The image expected, in [0, 1]."""
    return tf.clip_by_value(LogisticMixture(numbers).mean() / 255.0, 0.0, 1.0)
