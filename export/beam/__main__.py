"""python -m export.beam: pictures in, restored PNGs out, by Apache Beam on one machine or many.

    .venv-beam/bin/python -m export.beam --model=artifacts/sr_x3 --input=PICTURES --output_dir=out
    .venv-beam/bin/python -m export.beam --model=gs://b/sr_x3 --input='gs://b/in/**/*.jpg' \
        --output_dir=gs://b/out -- --runner=DataflowRunner --project=...

Restores as zoo.restore does. After -- stand the options of Beam and its runner. A picture that
cannot be restored is left out and named in failed.jsonl, and the exit status is then 2. The same
command again leaves out pictures whose PNG is there, whatever model made it.
"""

import contextlib
import io

from absl import flags

from zoo import cli
from zoo.cli import UserError
from zoo.files import buckets

FLAGS = flags.FLAGS
# Within Python: Beam's own default, DirectRunner, first downloads another runner and tries that.
RUNNER = "--runner=FnApiRunner"


def main(options: list[str]) -> None:
    pipeline = _pipeline(options)
    from export.beam import pictures
    from export.beam import pipeline as steps
    from export.savedmodel import reader

    artifact = reader.find(FLAGS.model)
    output_dir = buckets.path(FLAGS.output_dir)
    waiting, done = pictures.listed(FLAGS.input, output_dir)
    before = f", {done} done before" if done else ""
    total = len(waiting) + done
    print(f"{len(waiting)} of {total} to restore{before}", flush=True)
    report = output_dir / "failed.jsonl"
    steps.build(pipeline, FLAGS.input, output_dir, artifact, report)
    try:
        state = pipeline.run().wait_until_finish()
    except RuntimeError as error:
        raise UserError(f"the pipeline ended: {error}") from None
    if state != "DONE":
        raise UserError(f"the pipeline ended as {state}; the same command again goes on")
    failed = report.read_bytes().splitlines()
    print(f"{len(waiting) - len(failed)} of {total} restored{before}")
    if failed:
        raise UserError(f"{len(failed)} of {total} pictures skipped; {report} says which and why")


def _pipeline(options: list[str]):
    """An empty pipeline for the runner that the options name."""
    if options and not options[0].startswith("-"):
        raise UserError(
            f"unexpected argument {options[0]!r}; pictures are given by --input, patterns in quotes"
        )
    try:
        import apache_beam as beam
        from apache_beam.options.pipeline_options import PipelineOptions
    except ImportError:
        raise UserError(
            "apache-beam is not in this environment: `make .venv-beam/.installed`, then "
            "`.venv-beam/bin/python -m export.beam`"
        ) from None
    usage = io.StringIO()
    try:
        with contextlib.redirect_stderr(usage):
            parsed = PipelineOptions([RUNNER, *options])
            parsed.get_all_options()  # refuses now what Beam would refuse one by one later
            return beam.Pipeline(options=parsed)
    except (ValueError, ImportError) as error:
        raise UserError(f"{' '.join(options)}: {error}") from None
    except SystemExit as ended:
        if ended.code:  # the reason stands below hundreds of lines
            raise UserError(usage.getvalue().rpartition("error: ")[2]) from None
        raise


def define_flags() -> None:
    text = "A folder that `python -m export` wrote: its newest SavedModel restores."
    flags.DEFINE_string("model", None, text, required=True)
    text = "A file, a folder or a quoted pattern, in which * goes through folders too; repeated."
    flags.DEFINE_multi_string("input", None, text, required=True)
    flags.DEFINE_string("output_dir", None, "Where the PNGs and failed.jsonl go.", required=True)


def console() -> None:
    define_flags()
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    console()
