"""What a number of pictures costs the client and the scheduler of export.cluster.

    python -m benchmarks.cluster_plan

Everything but the restoring is done with names of empty files, and multiplied.
"""

import pickle
import tempfile
import time
from pathlib import Path

import psutil

from export.cluster.__main__ import LARGEST
from export.cluster.chunks import chunks_of
from zoo.restoration import audit
from zoo.restoration.done import Manifest
from zoo.restoration.jobs import Job, jobs_of

NAMES, FOLDERS = 100_000, 100
LARGE = (1_000_000, 100_000_000)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        source, out = Path(name, "in"), Path(name, "out")
        for i in range(NAMES):
            path = source / str(i % FOLDERS) / f"{i:09}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        held, begun = psutil.Process().memory_info().rss, time.process_time()
        jobs = jobs_of([str(source)], out)
        listed = time.process_time()
        manifest = Manifest(out, "client", "")
        waiting = audit.missing(jobs, manifest)
        chunks = [pickle.dumps(x) for x in chunks_of(jobs, waiting, manifest, LARGEST)]
        ready = time.process_time()
        _record(jobs, out)
        written = time.process_time()
        manifest.read()
        assert not audit.missing(jobs_of([str(source)], out), manifest)
        audited = time.process_time()
        costs = {
            "tasks": len(chunks),
            "MB of names through the scheduler": sum(map(len, chunks)) / 1e6,
            "seconds of a core, listing": listed - begun,
            "seconds of a core, what is done and chunks": ready - listed,
            "seconds of a core, audit": audited - written,
            "MB of the client": (psutil.Process().memory_info().rss - held) / 1e6,
            "MB of records": sum(x.stat().st_size for x in out.glob("*.jsonl")) / 1e6,
        }
    print(f"{'pictures':>44}" + "".join(f"{count:>14,}" for count in (NAMES, *LARGE)))
    for what, cost in costs.items():
        row = [cost * count / NAMES for count in (NAMES, *LARGE)]
        print(f"{what:>44}" + "".join(f"{value:>14,.0f}" for value in row))


def _record(jobs: list[Job], out: Path) -> None:
    """As workers would leave it."""
    manifest = Manifest(out, "0-of-workers", "")
    for job in jobs:
        job.target.parent.mkdir(parents=True, exist_ok=True)
        job.target.touch()
        wanted = manifest.wanted(job.target, [job.source])
        manifest.begin(wanted, job.target)
        manifest.add(wanted, job.target)


if __name__ == "__main__":
    main()
