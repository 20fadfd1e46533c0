"""A process of `zoo.launch`, here or behind ssh."""

import contextlib
import ctypes
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading

HERE = ("localhost", "127.0.0.1", socket.gethostname())


class Worker:
    """A process that trains; the chief speaks for itself, the others' lines say whose they are.

    Attributes:
      process: it, or the ssh that has started it.
      complaints: its lines that begin with "error: ", which most likely the chief says too.
    """

    def __init__(self, index: int, addresses: list[str], command: list[str]):
        task = {"type": "worker", "index": index}
        config = json.dumps({"cluster": {"worker": addresses}, "task": task})
        host = addresses[index].rpartition(":")[0]
        arguments = [sys.executable, *command]
        if host not in HERE:
            there = shlex.join(["env", f"TF_CONFIG={config}", *arguments])
            there = f"cd {shlex.quote(os.getcwd())} && exec {there}"
            # With a terminal, so that the worker ends with the connection.
            arguments = ["ssh", "-tt", "-o", "BatchMode=yes", host, there]
        self.index, self.complaints = index, []
        self.process = subprocess.Popen(
            arguments,
            env=os.environ | {"TF_CONFIG": config},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if index else None,
            stderr=subprocess.STDOUT if index else None,
            text=True,
            start_new_session=True,  # Ctrl-C reaches the launcher alone, which passes it on
            preexec_fn=_die_with_parent,
        )
        self.reader = threading.Thread(target=self._repeat, daemon=True)
        self.reader.start()

    def _repeat(self) -> None:
        for line in self.process.stdout or []:
            if line.startswith("error: "):
                self.complaints.append(line.rstrip())
            else:
                print(f"worker {self.index}: {line.rstrip()}", file=sys.stderr)

    def end(self) -> int:
        """Waits for the end; returns the exit status."""
        code = self.process.wait()
        self.reader.join(timeout=1)
        return code


def _die_with_parent() -> None:
    """On Linux, the worker is killed when the launcher is."""
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
