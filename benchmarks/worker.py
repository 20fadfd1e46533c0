"""A measuring process of its own: requests go in and answers come out, as lines of JSON.

Frameworks in one process would share cores and memory; here one works while the others wait.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
THREADS = 2


class Worker:
    """The parent's side.

    Args:
      python: the interpreter, which decides what can be imported.
      module: calls `serve`.
      *arguments: to the module.
    """

    def __init__(self, python: str, module: str, *arguments: str):
        threads = {
            name: str(THREADS)
            for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
        }
        self._name = module
        self._process = subprocess.Popen(
            [python, "-m", module, *arguments],
            cwd=ROOT,
            env=os.environ
            | threads
            | {
                "TF_CPP_MIN_LOG_LEVEL": "3",
                "TF_ENABLE_ONEDNN_OPTS": "1",  # as `zoo.cli` does
                "PYTHONPATH": str(ROOT),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, job: str, **arguments: Any) -> Any:
        """Has the job done, and returns what it gives."""
        try:
            self._process.stdin.write(json.dumps({"job": job} | arguments) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise SystemExit(f"{self._name} ended at {job} with status {self._process.wait()}")
        return json.loads(line)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def serve(jobs: dict[str, Callable[..., Any]]) -> None:
    """The child's side: answers until its input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else prints must not look like an answer
    sys.stdout = sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(jobs[request.pop("job")](**request)), file=answers, flush=True)
