"""Chairs in three dimensions, after the pictures of Aubry et al. 2014: nine boxes, shaded.

Seen in parallel projection, each pixel by 2x2 rays. A ray meets a box where it has entered all
three of its slabs (Kay and Kajiya 1986), so that what hides what is exact.

Lengths are in units of about a meter: x to the right, y to the back and z up, from the point
on the floor below the middle of the seat.
"""

import numpy as np
import tensorflow as tf

from zoo.data.factor_set import Factor, FactorSet

SIDE = 64
VIEW = 1.5  # what the frame's side shows
TARGET = np.float32([0.0, 0.0, 0.52])  # what the middle of the frame shows

FACTORS = (
    Factor("azimuth", 72, periodic=True),
    Factor("elevation", 4),
    Factor("seat_width", 4),
    Factor("leg_length", 4),
    Factor("back_height", 4),
    Factor("arms", 2),
)
ELEVATIONS = 10.0, 40.0  # first and last, in degrees
SEAT_WIDTHS = 0.38, 0.68
LEG_LENGTHS = 0.26, 0.50
BACK_HEIGHTS = 0.24, 0.54
ARM_HEIGHT = 0.2
DEPTH, SEAT_THICKNESS, POST = 0.52, 0.07, 0.065

LIGHT = np.float32([-0.45, 0.75, -0.5])  # to the lamp: along right, up and into the picture
AMBIENT = 0.35

# The four rays of a pixel lie in four pictures, whose mean is the answer.
_WITHIN = np.float32([[-0.25, -0.25], [-0.25, 0.25], [0.25, -0.25], [0.25, 0.25]])
_ALONG = np.arange(SIDE, dtype=np.float32) + 0.5
ACROSS = VIEW * ((_ALONG + _WITHIN[:, :1]) / SIDE - 0.5).reshape(4, 1, SIDE)
UPWARD = VIEW * (0.5 - (_ALONG + _WITHIN[:, 1:]) / SIDE).reshape(4, SIDE, 1)


def render(factors: tf.Tensor) -> tf.Tensor:
    """One chair on white.

    Args:
      factors: azimuth (5 degrees a step), elevation, seat width, leg length, back height and
        arms (0 or 1), int [6].

    Returns:
      uint8 [64, 64, 1].
    """
    azimuth, elevation, width, leg, back, arms = tf.unstack(tf.cast(factors, tf.float32))
    right, up, ahead = camera(azimuth, elevation)
    low, high, albedo = boxes(width, leg, back, arms)

    # Of every slab, which side a ray comes to first, and how far that is along the ray from
    # the picture's plane: (side - origin) / ahead, where only the origin differs by ray.
    near = tf.where(ahead > 0, low, high) / ahead
    far = tf.where(ahead > 0, high, low) / ahead
    origin = [(ACROSS * right[k] + UPWARD * up[k] + TARGET[k]) / ahead[k] for k in range(3)]
    shade = lambert(right, up, ahead)

    depth, picture = tf.fill([4, SIDE, SIDE], np.inf), tf.ones([4, SIDE, SIDE])
    for box in range(low.shape[0]):
        enters = [near[box, k] - origin[k] for k in range(3)]
        leaves = [far[box, k] - origin[k] for k in range(3)]
        enter = tf.maximum(tf.maximum(enters[0], enters[1]), enters[2])
        leave = tf.minimum(tf.minimum(leaves[0], leaves[1]), leaves[2])
        seen = enter < tf.minimum(leave, depth)
        # The face is that of the slab which was entered last.
        face = tf.where(enter == enters[0], shade[0], shade[1])
        face = albedo[box] * tf.where(enter == enters[2], shade[2], face)
        depth, picture = tf.where(seen, enter, depth), tf.where(seen, face, picture)
    picture = tf.reduce_mean(picture, 0)[..., tf.newaxis]
    return tf.cast(tf.round(255.0 * picture), tf.uint8)


def camera(azimuth: tf.Tensor, elevation: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The picture's right, its up, and the way that it looks, each a unit vector [3].

    At azimuth 0 the chair faces the camera, which then walks around it counterclockwise.
    """
    around = azimuth * (2 * np.pi / FACTORS[0].size)
    above = np.deg2rad(np.float32(1.0)) * _between(ELEVATIONS, elevation, FACTORS[1])
    cos, sin, level, steep = tf.cos(around), tf.sin(around), tf.cos(above), tf.sin(above)
    right = tf.stack([cos, sin, 0.0])
    up = tf.stack([-sin * steep, cos * steep, level])
    ahead = tf.stack([-sin * level, cos * level, -steep])
    # No ray runs quite along a face, where its slab would be entered 0/0 ahead.
    return right, up, tf.where(tf.abs(ahead) < 1e-5, 1e-5, ahead)


def boxes(width, leg, back, arms) -> tuple[tf.Tensor, tf.Tensor, np.ndarray]:
    """Low and high corners, [9, 3], and albedos, [9], of the chair with these factors."""
    w = _between(SEAT_WIDTHS, width, FACTORS[2]) / 2
    seat = _between(LEG_LENGTHS, leg, FACTORS[3])
    d, top = DEPTH / 2, seat + SEAT_THICKNESS
    end = top + _between(BACK_HEIGHTS, back, FACTORS[4])
    # Arms of height 0 vanish in the seat, and the front legs end below it.
    arm = top + ARM_HEIGHT * arms
    rail, p = 0.35 * (end - top), POST
    wood, cushion = 0.75, 0.92
    table = [
        (-w, -d, 0.0, p - w, p - d, arm - 0.01, wood),  # front legs, up to the arms
        (w - p, -d, 0.0, w, p - d, arm - 0.01, wood),
        (-w, d - p, 0.0, p - w, d, end, wood),  # hind legs, up to the back's end
        (w - p, d - p, 0.0, w, d, end, wood),
        (-w, -d, seat, w, d, top, cushion),
        (-w, d - p, end - rail, w, d - 0.01, end, wood),  # the back: two rails
        (p - w, d - p, top + 0.15 * (end - top), w - p, d - 0.01, top + rail, wood),
        (-w, 0.01 - d, arm - 0.05, p - w, d - 0.01, arm, wood),  # arms
        (w - p, 0.01 - d, arm - 0.05, w, d - 0.01, arm, wood),
    ]
    corners = tf.stack([tf.stack([tf.cast(x, tf.float32) for x in row[:6]]) for row in table])
    return corners[:, :3], corners[:, 3:], np.float32([row[6] for row in table])


def lambert(right: tf.Tensor, up: tf.Tensor, ahead: tf.Tensor) -> tf.Tensor:
    """The brightness of the faces seen across x, y and z, [3]; the lamp moves with the camera."""
    lamp = LIGHT / np.linalg.norm(LIGHT)
    towards = lamp[0] * right + lamp[1] * up + lamp[2] * ahead
    return AMBIENT + (1 - AMBIENT) * tf.maximum(0.0, -tf.sign(ahead) * towards)


def _between(ends: tuple[float, float], step: tf.Tensor, factor: Factor) -> tf.Tensor:
    return ends[0] + step * ((ends[1] - ends[0]) / (factor.size - 1))


CHAIRS = FactorSet("chairs", FACTORS, (SIDE, SIDE, 1), render)
