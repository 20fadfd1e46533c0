"""Small maps that follow a picture's edges. Pure Keras; LiteRT builtin operators only."""

from keras import ops


def coefficients(guide, values, radius: int = 2, epsilon: float = 1e-3):
    """Slopes and offsets with which `values` are locally linear in `guide`.

    The fast guided filter (He and Sun 2015, after He et al. 2013, equations 5, 6 and 8): found
    where both are small, then brought to full size, where `follow` applies them to the guide.

    Args:
      guide: [b, h, w, 1].
      values: [b, h, w, c].
      radius: of the square window, in pixels.
      epsilon: variance of the guide below which a window counts as flat.

    Returns:
      [b, h, w, 2c], slopes first.
    """

    def mean(x):
        return ops.average_pool(x, 2 * radius + 1, 1, padding="same")

    middle, level = mean(guide), mean(values)
    spread = mean(guide * guide) - middle * middle
    slope = (mean(guide * values) - middle * level) / (spread + epsilon)
    return mean(ops.concatenate([slope, level - slope * middle], -1))


def follow(coefficients, guide):
    """The values at the guide's size: [b, h, w, 2c] and [b, h, w, 1] -> [b, h, w, c]."""
    slope, offset = ops.split(coefficients, 2, -1)
    return slope * guide + offset
