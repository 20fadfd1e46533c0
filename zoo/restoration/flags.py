"""Flags that every command has which restores pictures."""

from typing import TYPE_CHECKING

from absl import flags

from zoo.files import buckets
from zoo.files.buckets import BucketPath
from zoo.files.formats import FORMATS
from zoo.restoration.jobs import Job, jobs_of
from zoo.runs import precision

if TYPE_CHECKING:
    from zoo.restoration.order import Order

FLAGS = flags.FLAGS


def define() -> None:
    text = "A run's folder or a preset's name; several, A,B,C, restore in a row."
    flags.DEFINE_list("run", None, text, required=True)
    flags.DEFINE_string("output_dir", None, "Where the pictures go.", required=True)
    text = "First damage the pictures, for a try: noise:25, or blur:1.5+noise:25+jpeg:10."
    flags.DEFINE_string("degrade", None, text)
    text = "How far from the picture, 0, to what the network makes of it, 1."
    flags.DEFINE_float("strength", 1, text, 0, 1)
    text = "Of colors: 1 is careful, near 0 vivid; where a model predicts a distribution."
    flags.DEFINE_float("temperature", None, text, 0)
    text = "Of the network: auto is bfloat16 where the CPU has it and a preset's card allows it."
    flags.DEFINE_enum("precision", "auto", precision.CHOICES, text)
    text = "For completion: a picture, white where to fill in; or a folder of one for each name."
    flags.DEFINE_string("mask", None, text)
    text = "For colorization: a picture, colored dots on nothing; or a folder of one for each name."
    flags.DEFINE_string("hints", None, text)
    text = (
        "For colorization that predicts a distribution: a seed of other colors; see --temperature."
    )
    flags.DEFINE_integer("coloring", None, text, 0)
    suffixes = sorted(suffix.removeprefix(".") for suffix in FORMATS)
    text = "Of the output; default: that of the picture, or PNG where it cannot hold the result."
    flags.DEFINE_enum("format", None, suffixes, text)
    text = "Of the output, where its format is lossy; default: 95, of AVIF 90."
    flags.DEFINE_integer("quality", None, text, 1, 100)
    flags.DEFINE_float("max_megapixels", 300, "Leave larger pictures out.", 0)
    flags.DEFINE_bool("overwrite", False, "Replace outputs that another command has written.")
    flags.DEFINE_bool("strip_metadata", False, "Leave camera, date, place and text behind.")
    flags.DEFINE_bool("compare", False, "Also write NAME_compare.png: before and after.")


def order() -> "Order":
    """What they ask for."""
    from zoo.restoration.batch import Output
    from zoo.restoration.order import Order

    names = "degrade", "strength", "temperature", "precision", "mask", "hints", "coloring"
    names += "max_megapixels", "compare"
    written = FLAGS.format or "", FLAGS.quality, FLAGS.strip_metadata, FLAGS.overwrite
    told = {name: FLAGS[name].value for name in names}
    return Order(tuple(FLAGS.run), output=Output(*written), **told)


def jobs(pictures: list[str]) -> list[Job]:
    """What stands beside the flags, as it lies there now."""
    suffix = f".{FLAGS.format}" if FLAGS.format else ""
    return jobs_of(pictures, output_dir(), suffix)


def output_dir() -> "buckets.Path | BucketPath":
    return buckets.path(FLAGS.output_dir)
