"""Which pictures are restored: those whose outputs are there and whole, whatever was said."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from zoo.cli import UserError
from zoo.files.buckets import BucketPath
from zoo.restoration.batch import Output, files_of
from zoo.restoration.beside import Given
from zoo.restoration.done import Manifest
from zoo.restoration.jobs import Job

NAMED = 20  # in the last line


def missing(jobs: Sequence[Job], manifest: Manifest, given: Given | None = None) -> list[Job]:
    """Those that the same command again would do.

    Args:
      jobs: pictures as they lie there now.
      manifest: of their outputs; says how long each must be, and of what it was made.
      given: what stands beside the pictures.
    """

    def done(job: Job) -> bool:
        return manifest.has(manifest.wanted(job.target, files_of(job, given or {})))

    if not any(isinstance(job.source, BucketPath) for job in jobs[:1]):
        return [job for job in jobs if not done(job)]
    with ThreadPoolExecutor(64) as pool:  # a bucket takes its time for each answer
        return [job for job, there in zip(jobs, pool.map(done, jobs), strict=True) if not there]


def wanted(jobs: Sequence[Job], manifest: Manifest, given: Given, output: Output) -> list[Job]:
    """The same; raises UserError where in the place of one is the output of another command."""
    found = missing(jobs, manifest, given)
    output.refuse([job.target for job in found if not manifest.may_write(job.target)])
    return found


def require_all(jobs: Sequence[Job], left: Sequence[Job]) -> None:
    """Raises UserError, which names them, where some are left of all jobs."""
    if left:
        names = ", ".join(str(job.source) for job in left[:NAMED])
        more = ", ..." if len(left) > NAMED else ""
        raise UserError(f"{len(left)} of {len(jobs)} files not restored: {names}{more}")
