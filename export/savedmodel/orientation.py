"""How the camera was held, read from a JPEG inside the served graph, and undone.

EXIF is a small TIFF (its "Tiff Rev. 6.0", section 2) behind a mark near the file's start. No
number in it is trusted: what points beyond the bytes at hand says nothing.
"""

import tensorflow as tf

MARK = b"Exif\0\0"
HEAD = 4096  # bytes in which the mark and the first directory stand
ENTRIES = 64  # of a directory, each of 12 bytes
ORIENTATION = 0x0112


def of_jpeg(encoded: tf.Tensor) -> tf.Tensor:
    """1 to 8 as EXIF counts, int32 []; 1 where a file, string [], says none."""
    head = tf.io.decode_raw(tf.strings.substr(encoded, 0, HEAD), tf.uint8)
    size = tf.size(head)
    head = tf.cast(tf.pad(head, [[0, len(MARK)]]), tf.int64)
    here = [tf.equal(head[i : size + i], byte) for i, byte in enumerate(MARK)]
    marks = tf.reduce_all(tf.stack(here), 0)
    tiff = tf.argmax(tf.concat([tf.cast(marks, tf.int32), [0]], 0)) + len(MARK)

    def numbers(places: tf.Tensor, count: int) -> tf.Tensor:
        """Of `count` bytes each, at places behind the mark."""
        at = tiff + places[..., tf.newaxis] + tf.range(count, dtype=tf.int64)
        inside = (at >= 0) & (at < tf.cast(size, tf.int64))
        found = tf.where(inside, tf.gather(head, tf.where(inside, at, 0)), 0)
        powers = tf.constant([256**i for i in range(count)], tf.int64)
        is_little = tf.equal(head[tf.minimum(tiff, tf.cast(size, tf.int64))], ord("I"))
        return tf.reduce_sum(found * tf.where(is_little, powers, powers[::-1]), -1)

    directory = numbers(tf.constant(4, tf.int64), 4)
    entry = tf.range(ENTRIES, dtype=tf.int64)
    places = directory + 2 + 12 * entry
    is_it = tf.equal(numbers(places, 2), ORIENTATION) & (entry < numbers(directory, 2))
    value = numbers(places[tf.argmax(tf.cast(is_it, tf.int32))] + 8, 2)
    known = tf.reduce_any(marks) & tf.reduce_any(is_it) & (value >= 1) & (value <= 8)
    return tf.cast(tf.where(known, value, 1), tf.int32)


def upright(image: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """[h, w, c] as a camera that was held so means it; sides change places from 5 on."""

    def one_of(*numbers: int) -> tf.Tensor:
        return tf.reduce_any(tf.equal(orientation, list(numbers)))

    image = tf.cond(orientation >= 5, lambda: tf.transpose(image, [1, 0, 2]), lambda: image)
    image = tf.cond(one_of(3, 4, 7, 8), lambda: image[::-1], lambda: image)
    return tf.cond(one_of(2, 3, 6, 7), lambda: image[:, ::-1], lambda: image)
