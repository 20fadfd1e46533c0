"""python -m export.client: pictures to a model server, and what it makes of them back.

    python -m export.client --run=sr_x3 --output_dir=out in.png more/
    python -m export.client --run=sr_x3 --address=http://localhost:8501 --status

What a signature takes and gives is asked of the server. Images come back as PNG, numbers as
JSON. --input=NAME=FILE gives what else it takes: a picture, a number, or an array as .npy.
A picture that the server refuses is named and left out, and the exit status is then 2.
"""

import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
from absl import flags
from tqdm import tqdm

from zoo import cli
from zoo.cli import UserError

FLAGS = flags.FLAGS


def main(arguments: list[str]) -> None:
    from export.serving import remote

    which = {"version": FLAGS.model_version, "label": FLAGS.label}
    model = remote.connect(FLAGS.address, Path(FLAGS.run).name, FLAGS.deadline, **which)
    try:
        if FLAGS.status:
            for version in model.status():
                print(f"version {version.number} {version.state} {version.reason}".rstrip())
        elif FLAGS.metadata:
            _print_signatures(model.signatures())
        else:
            _predict(model, arguments)
    except remote.ServerError as error:
        raise UserError(f"{FLAGS.address} answers {error}") from None


def _predict(model, arguments: list[str]) -> None:
    from export.serving import tensor_files

    signature = model.signature(FLAGS.signature)
    extra = _extra_inputs(signature)
    waiting = sorted(set(signature.inputs) - set(extra))
    if not FLAGS.output_dir:
        raise UserError("--output_dir missing; see --help")
    if len(waiting) > 1:
        raise UserError(
            f"signature {FLAGS.signature} takes {', '.join(waiting)}; leave one for the pictures "
            "and give the others by --input=NAME=FILE"
        )
    if waiting:
        _predict_pictures(model, arguments, waiting[0], extra)
        return
    if arguments:
        raise UserError(f"--input gives all that {FLAGS.signature} takes; name no pictures")
    outputs = model.predict(FLAGS.signature, extra)
    for i, row in enumerate(tensor_files.rows(outputs)):
        tensor_files.write(Path(FLAGS.output_dir) / f"{FLAGS.signature}_{i:03}", row)


def _predict_pictures(model, arguments: list[str], key: str, extra: dict) -> None:
    from export.serving import picture_requests, tensor_files
    from zoo.restoration.jobs import jobs_of

    jobs = jobs_of(arguments, Path(FLAGS.output_dir))
    short = Counter(job.target.with_suffix("") for job in jobs)
    info = model.signature(FLAGS.signature).inputs[key]
    failed, seconds = [], 0.0

    def ask(pictures: np.ndarray) -> dict[str, np.ndarray]:
        nonlocal seconds
        started = time.perf_counter()
        beside = {k: np.repeat(x[:1], len(pictures), 0) for k, x in extra.items()}
        outputs = model.predict(FLAGS.signature, {key: pictures} | beside)
        seconds += time.perf_counter() - started
        return outputs

    with tqdm(total=len(jobs), unit="image", disable=None) as bar:
        for job, answer in picture_requests.answers(jobs, info, ask, FLAGS.batch):
            if isinstance(answer, Exception):
                failed.append(job.source)
                tqdm.write(f"skipped {job.source}: {answer}", file=sys.stderr)
            else:
                name = job.target.with_suffix("")  # a.jpg and a.bmp become a.jpg.png and a.bmp.png
                name = name if short[name] == 1 else job.target
                for path in tensor_files.write(name, answer):
                    tqdm.write(f"{job.source} -> {path}")
            bar.update()
    print(f"{len(jobs) - len(failed)} of {len(jobs)} answered, {seconds:.2f} s at the server")
    if failed:
        names = ", ".join(map(str, failed))
        raise UserError(f"{len(failed)} of {len(jobs)} files skipped: {names}")


def _extra_inputs(signature) -> dict[str, np.ndarray]:
    from export.serving import tensor_files

    extra = {}
    for given in FLAGS.input:
        key, _, file = given.partition("=")
        key = key if key in signature.inputs else f"{key}_bytes"
        if not file or key not in signature.inputs:
            raise UserError(
                f"--input={given}: give NAME=FILE or NAME=NUMBER, of "
                f"{', '.join(sorted(signature.inputs))}"
            )
        extra[key] = tensor_files.read(file, signature.inputs[key])
    return extra


def _print_signatures(signatures: dict) -> None:
    import tensorflow as tf

    def told(tensors) -> str:
        return ", ".join(
            f"{key} {tf.as_dtype(info.dtype).name} "
            f"[{', '.join('?' if d.size < 0 else str(d.size) for d in info.tensor_shape.dim)}]"
            for key, info in sorted(tensors.items())
        )

    for name, signature in signatures.items():
        print(f"{name}: {told(signature.inputs)} -> {told(signature.outputs)}")


def define_flags() -> None:
    flags.DEFINE_string("run", None, "The served model's name, or a run's folder.", required=True)
    flags.DEFINE_string("address", "localhost:8500", "HOST:PORT of gRPC, or http://HOST:PORT.")
    flags.DEFINE_string("signature", "serving_default", "What to ask; --metadata lists them.")
    flags.DEFINE_string("output_dir", None, "Where the answers go.")
    flags.DEFINE_multi_string("input", [], "NAME=FILE or NAME=NUMBER: what else it takes.")
    flags.DEFINE_integer("model_version", None, "A version's number; default: the latest.", 0)
    flags.DEFINE_string("label", None, "A version's label, such as stable or canary.")
    flags.DEFINE_integer("batch", 16, "Pictures in a request, at most.", 1)
    flags.DEFINE_float("deadline", 60, "Seconds to wait for an answer, with all retries.", 0.001)
    flags.DEFINE_bool("status", False, "Print the state of the model's versions.")
    flags.DEFINE_bool("metadata", False, "Print the signatures.")


def console() -> None:
    define_flags()
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    console()
