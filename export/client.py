"""python -m export.client: pictures to a model server, and what it makes of them back.

    python -m export.client --run=sr_x3 --output_dir=out in.png more/
    python -m export.client --run=sr_x3 --address=http://localhost:8501 --status

What a signature takes and gives is asked of the server. Images come back as PNG, numbers as
JSON. --input=NAME=FILE gives what else it takes: a picture, a number, or an array as .npy.
A picture that the server refuses is named and left out, and the exit status is then 2.
"""

import sys
from pathlib import Path

from absl import flags
from tqdm import tqdm

from zoo import cli
from zoo.cli import UserError
from zoo.files import atomic, image_files
from zoo.files.image_files import BrokenImage
from zoo.restoration.batch import say
from zoo.restoration.jobs import Job, jobs_of, require_pictures

FLAGS = flags.FLAGS


def main(arguments: list[str]) -> None:
    output_dir = Path(FLAGS.output_dir) if FLAGS.output_dir else None
    asks = not (FLAGS.status or FLAGS.metadata)
    if asks and not output_dir:
        raise UserError("--output_dir missing; see --help")
    # What is there is looked at now; whether pictures are needed, the server knows.
    jobs = jobs_of(arguments, output_dir) if asks and arguments else []
    if asks:
        atomic.require_folder(output_dir)
    cli.start_tensorflow()
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
            _predict(model, jobs)
    except remote.ServerError as error:
        raise UserError(f"{FLAGS.address} answers {error}") from None


def _predict(model, jobs: list[Job]) -> None:
    from export.serving import questions, tensor_files

    definition = model.signature(FLAGS.signature)
    given = questions.inputs(definition, FLAGS.input)
    if set(given) != set(definition.inputs):
        _predict_pictures(model, jobs)
        return
    if jobs:
        raise UserError(f"--input gives all that {FLAGS.signature} takes; name no pictures")
    outputs = model.predict(FLAGS.signature, given)
    for i, row in enumerate(tensor_files.rows(outputs)):
        path = Path(FLAGS.output_dir) / f"{FLAGS.signature}_{i:03}"
        tensor_files.write(path, [row], FLAGS.overwrite)


def _predict_pictures(model, jobs: list[Job]) -> None:
    from export.serving import picture_requests, questions, remote, tensor_files

    question = questions.of_signature(model, FLAGS.signature, FLAGS.input)
    require_pictures(jobs)
    names = picture_requests.names(jobs)
    if not FLAGS.overwrite:
        suffixes = (".png", ".tif", ".json")
        tensor_files.require_new(n.with_name(n.name + s) for n in names.values() for s in suffixes)
    image_files.limit_pixels(FLAGS.max_megapixels, "--max_megapixels")
    plain = questions.in_floats(model, FLAGS.signature)
    fine = questions.of_signature(model, plain, FLAGS.input) if plain else None
    asker = picture_requests.Asker(model, question, fine, FLAGS.batch)
    failed = []
    with tqdm(total=len(jobs), unit="image", disable=None) as bar:
        for job, answer in asker.answers(jobs):
            try:
                if isinstance(answer, Exception):
                    raise answer
                answer = _stripped(answer) if FLAGS.strip_metadata else answer
                for path in tensor_files.write(names[job], answer, FLAGS.overwrite):
                    say(f"{job.source} -> {path}")
            except (remote.ServerError, BrokenImage, UserError) as error:
                failed.append(job.source)
                say(f"skipped {job.source}: {error}", sys.stderr)
            bar.update()
    print(f"{len(jobs) - len(failed)} of {len(jobs)} answered, {asker.seconds:.2f} s at the server")
    if failed:
        told = ", ".join(map(str, failed))
        raise UserError(f"{len(failed)} of {len(jobs)} files skipped: {told}")


def _stripped(rows: list[dict]) -> list[dict]:
    """Answers whose pictures tell nothing of camera, date and place."""
    from zoo.files.picture import Picture

    def without(value):
        is_picture = isinstance(value, Picture)
        return value._replace(carried=value.carried.stripped()) if is_picture else value

    return [{key: without(value) for key, value in row.items()} for row in rows]


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
    flags.DEFINE_float("max_megapixels", 300, "Leave larger pictures out.", 0)
    flags.DEFINE_bool("overwrite", False, "Replace files that are there.")
    flags.DEFINE_bool("strip_metadata", False, "Leave camera, date, place and text behind.")
    flags.DEFINE_bool("status", False, "Print the state of the model's versions.")
    flags.DEFINE_bool("metadata", False, "Print the signatures.")


def console() -> None:
    define_flags()
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    console()
