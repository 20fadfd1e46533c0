"""Color spaces, on float images in [0, 1] with channels last. Any Keras backend.

Lab is CIE 1976 L*a*b* of sRGB under D65 (IEC 61966-2-1), as scikit-image has it.
"""

from keras import ops

# ITU-R BT.601, studio range: black is 16/255, white is 235/255.
LUMA = (65.481, 128.553, 24.966)
_XYZ_OF_RGB = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
_RGB_OF_XYZ = (
    (3.24048134, -1.53715152, -0.49853633),
    (-0.96925495, 1.87599, 0.04155593),
    (0.05564664, -0.20404134, 1.05731107),
)
_WHITE = (0.95047, 1.0, 1.08883)
_KNEE = 6.0 / 29.0  # below it, Lab's cube root is replaced by a line


def luma(image):
    """The Y of BT.601's studio range, in [16/255, 235/255], as MATLAB's rgb2ycbcr has it.

    Args:
      image: [..., 3] in [0, 1]; gray images, [..., 1], are taken as equal R, G and B.

    Returns:
      [..., 1].
    """
    if image.shape[-1] == 1:
        return (image * sum(LUMA) + 16.0) / 255.0
    return (_weighted(image, [LUMA]) + 16.0) / 255.0


def rgb_to_lab(image):
    """sRGB [..., 3] in [0, 1] -> lightness in [0, 100], a and b in about [-110, 110]."""
    white = ops.array(_WHITE, image.dtype)
    f_x, f_y, f_z = ops.split(_root(_weighted(to_linear(image), _XYZ_OF_RGB) / white), 3, -1)
    return ops.concatenate([116.0 * f_y - 16.0, 500.0 * (f_x - f_y), 200.0 * (f_y - f_z)], -1)


def lightness(gray):
    """Lab's lightness, in [0, 100], of gray sRGB values; the same shape."""
    return 116.0 * _root(to_linear(gray)) - 16.0


def gray_of_lightness(value):
    """The gray sRGB value that has this lightness, in [0, 100]; the same shape."""
    return to_srgb(_cube((value + 16.0) / 116.0))


def paint(gray, chroma):
    """Gives a gray image color, and keeps its lightness.

    A color that the screen cannot show is moved straight towards gray, in linear light,
    where luminance is a weighted sum that this does not change.

    Args:
      gray: sRGB, [..., 1] in [0, 1].
      chroma: Lab's a and b, [..., 2].

    Returns:
      sRGB [..., 3] in [0, 1].
    """
    luminance = to_linear(gray)
    f_y = _root(luminance)
    f_x, f_z = f_y + chroma[..., :1] / 500.0, f_y - chroma[..., 1:] / 200.0
    xyz = ops.concatenate([_WHITE[0] * _cube(f_x), luminance, _WHITE[2] * _cube(f_z)], -1)
    colorful = _weighted(xyz, _RGB_OF_XYZ)
    away = colorful - luminance
    # How far each channel may move before it leaves [0, 1], as a share of the way.
    room = ops.where(away > 0, 1.0 - luminance, luminance) / ops.maximum(ops.abs(away), 1e-6)
    share = ops.minimum(ops.min(room, axis=-1, keepdims=True), 1.0)
    return to_srgb(ops.clip(luminance + share * away, 0.0, 1.0))


def to_linear(value):
    """Of sRGB values in [0, 1], the light they stand for, in [0, 1]."""
    curve = ((ops.maximum(value, 0.04045) + 0.055) / 1.055) ** 2.4
    return ops.where(value > 0.04045, curve, value / 12.92)


def slope(light):
    """By how much sRGB values grow with the light at `light`, in [0, 1]."""
    curve = 1.055 / 2.4 * ops.maximum(light, 0.0031308) ** (1 / 2.4 - 1.0)
    return ops.where(light > 0.0031308, curve, 12.92)


def to_srgb(value):
    """The inverse of `to_linear`."""
    curve = 1.055 * ops.maximum(value, 0.0031308) ** (1 / 2.4) - 0.055
    return ops.where(value > 0.0031308, curve, 12.92 * value)


def _root(value):
    line = value / (3.0 * _KNEE**2) + 4.0 / 29.0
    return ops.where(value > _KNEE**3, ops.maximum(value, _KNEE**3) ** (1 / 3), line)


def _cube(value):
    return ops.where(value > _KNEE, value**3, 3.0 * _KNEE**2 * (value - 4.0 / 29.0))


def _weighted(image, rows):
    """Each output channel is a weighted sum of the input's."""
    return ops.matmul(image, ops.transpose(ops.array(rows, image.dtype)))
