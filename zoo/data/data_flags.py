"""Flags of commands that look at a run's images or at others."""

from absl import flags


def define(limit: int | None, most: int | None = None) -> None:
    """--dataset, --data_dir, --split and --limit; `limit` is its default, `most` its end."""
    flags.DEFINE_string("dataset", None, "Data set (as in train.py); default: the run's own.")
    flags.DEFINE_string("data_dir", None, "Where TFDS keeps its data; default: TFDS_DATA_DIR.")
    flags.DEFINE_string("split", "", "Such as test[:100]; default: all of test, or all there is.")
    flags.DEFINE_integer("limit", limit, "At most so many images.", 1, most)
