"""The pipeline: list pictures -> spread them -> RunInference -> a file that names the failed.

Pictures do not travel between steps: a worker reads one, restores it in tiles and writes it, so
that a worker holds few of them however many or large they are. What it writes appears by a
rename and is the same each time, so that a runner may do any part again.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import apache_beam as beam
from apache_beam.ml.inference.base import ModelHandler, RunInference

from export.beam import pictures
from export.savedmodel.reader import Artifact, ServedModel
from zoo.cli import UserError
from zoo.files import atomic, image_files
from zoo.files.buckets import BucketPath
from zoo.files.image_files import BrokenImage, Picture
from zoo.restoration import one_picture
from zoo.restoration.jobs import Job
from zoo.restoration.pipelined import overlapped

# Of file names, not of pixels: pictures of a batch are decoded and written ahead of each other.
BATCH = 16


class Restorer(ModelHandler[Job, str, ServedModel]):
    """Restores the pictures of jobs; a prediction is a line of JSON for what failed, or ""."""

    def __init__(self, artifact: Artifact):
        super().__init__(min_batch_size=BATCH, max_batch_size=BATCH)
        self._artifact = artifact

    def load_model(self) -> ServedModel:
        """Once for a worker's process."""
        return ServedModel(self._artifact)

    def run_inference(
        self, batch: Sequence[Job], model: ServedModel, inference_args: dict | None = None
    ) -> Iterator[str]:
        """Reads, restores and writes."""
        import tensorflow as tf

        def read(job: Job) -> Picture:
            return image_files.read(job.source)

        def compute(job: Job, picture: Picture) -> Picture:
            return one_picture.restore(model, picture).picture

        def write(job: Job, picture: Picture) -> None:
            image_files.write(job.target, picture)

        errors = BrokenImage, UserError, OSError, tf.errors.OpError
        for job, error in overlapped(batch, read, compute, write, errors):
            if error:
                told = {"picture": str(job.source), "reason": " ".join(str(error).split())}
                yield json.dumps(told)
            else:
                line = f"{job.source} -> {job.target}"
                print(line.encode(errors="backslashreplace").decode(), flush=True)
                yield ""


def build(
    pipeline: beam.Pipeline,
    inputs: Sequence[str],
    output_dir: Path | BucketPath,
    artifact: Artifact,
    failed: Path | BucketPath,
) -> None:
    """Adds all steps to a pipeline.

    Args:
      pipeline: an empty one.
      inputs: files, folders and patterns.
      output_dir: gets a PNG for every picture that has none there.
      artifact: what restores.
      failed: gets a line for every picture that could not be restored.
    """
    # A worker lists the pictures again, so that the pipeline stays small with a million of them.
    lines = (
        pipeline
        | "inputs" >> beam.Create([list(inputs)])
        | "pictures" >> beam.FlatMap(lambda given: pictures.listed(given, output_dir).waiting)
        | "spread" >> beam.Reshuffle()
        | "restore" >> RunInference(Restorer(artifact))
    )
    _ = (
        lines
        | "failed" >> beam.Filter(bool)
        | "together" >> beam.combiners.ToList()
        | "write" >> beam.Map(lambda found: _write_lines(failed, found))
    )


def _write_lines(path: Path | BucketPath, lines: list[str]) -> None:
    atomic.write_bytes(path, "".join(f"{line}\n" for line in sorted(lines)).encode())
