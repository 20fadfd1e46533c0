"""python -m export.mobile.twin: what a phone will show, computed as its code computes it.

    python -m export.mobile.twin --artifacts=artifacts --run=sr_x3 in.png out.png
    python -m export.mobile.twin --run=complete --format=int8 --input=mask=mask.png in.png out.png

Reads signatures.json and the LiteRT file alone, without TensorFlow or Keras: the same tiles,
the same blending, the same scales and zero points, the same rounding as on the phone.
"""

from pathlib import Path

import numpy as np
from absl import flags
from tqdm import tqdm

from export.mobile import artifact, tiles
from zoo import cli
from zoo.cli import UserError
from zoo.files import image_files, levels
from zoo.files.image_files import BrokenImage, Picture

FLAGS = flags.FLAGS


def main(arguments: list[str]) -> None:
    if len(arguments) != 2:
        raise UserError(f"name two files, a picture and its output; got {len(arguments)}")
    source, target = arguments
    if Path(source).resolve() == Path(target).resolve():
        raise UserError(f"{target} is the picture itself; name another output")
    run = Path(FLAGS.run).name
    spec = artifact.find(Path(FLAGS.artifacts), run, FLAGS.format, FLAGS.signature)
    pictures = {name: _read(path, spec, name) for name, path in _files(spec, source).items()}
    with tqdm(unit="tile", disable=None) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update()

        result = tiles.restore(spec, pictures, interpreter(spec), progress)
    image_files.write(target, Picture(result))
    print(f"{source} -> {target} by {spec.path}")


def interpreter(spec: artifact.Spec) -> tiles.Run:
    """The signature as LiteRT runs it, on a tile as it is stored; raises UserError."""
    from ai_edge_litert.interpreter import Interpreter

    try:
        with cli.quiet_tensorflow():
            lite = Interpreter(str(spec.path), num_threads=2)
            lite.allocate_tensors()
            run = lite.get_signature_runner(spec.signature)
    except (RuntimeError, ValueError) as error:
        raise UserError(f"LiteRT cannot run {spec.path}: {error}") from None
    return lambda tile: run(**tile)[spec.output_name]


def _files(spec: artifact.Spec, source: str) -> dict[str, str]:
    """A file for each input: those of --input, and `source` for the one that is left."""
    given = dict(text.split("=", 1) if "=" in text else (text, "") for text in FLAGS.input)
    left = [name for name in spec.pictures if name not in given]
    if len(left) != 1 or not set(given) <= set(spec.pictures) or not all(given.values()):
        raise UserError(
            f"signature {spec.signature} takes {', '.join(spec.pictures)}; give all but one by "
            "--input=NAME=FILE"
        )
    return given | {left[0]: source}


def _read(path: str, spec: artifact.Spec, name: str) -> np.ndarray:
    """uint8 [height, width, channels], upright and on white, as a phone decodes it."""
    try:
        pixels = image_files.on_white(image_files.read(path))
    except BrokenImage as error:
        raise UserError(f"{path}: {error}") from None
    return image_files.to_channels(levels.to_eight_bits(pixels), spec.inputs[name].shape[-1])


def define_flags() -> None:
    flags.DEFINE_string("run", None, "The run's name.", required=True)
    flags.DEFINE_string("artifacts", "artifacts", "The --output_dir of its export.")
    formats = ["float32", "float16", "dynamic_int8", "int8"]
    flags.DEFINE_enum("format", "float32", formats, "Which LiteRT file.")
    flags.DEFINE_string("signature", "restore", "What to run: pictures in, a picture out.")
    flags.DEFINE_multi_string("input", [], "NAME=FILE: a picture beside the first, such as a mask.")


def console() -> None:
    define_flags()
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    console()
