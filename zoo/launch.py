"""python -m zoo.launch --workers=2 -- train.py ...: several workers, here or on several machines.

Each worker gets a TF_CONFIG. When one dies, the others are ended and one line says so; the same
command again goes on from the last checkpoint. SIGTERM and Ctrl-C save a checkpoint first.
"""

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
import time

from absl import flags

from zoo import cli
from zoo.cli import UserError

FLAGS = flags.FLAGS
SECONDS_LEFT = 3  # for the others, when one has died, to end by themselves
HERE = ("localhost", "127.0.0.1", socket.gethostname())


def main(command: list[str]) -> None:
    if not command:
        raise UserError(
            "what shall the workers run? python -m zoo.launch --workers=2 -- train.py ..."
        )
    addresses = _addresses(FLAGS.hosts or ["localhost"], FLAGS.workers, FLAGS.port)
    held: list[list[str]] = [[] for _ in addresses]
    workers = [_start(i, addresses, command, held[i]) for i in range(len(addresses))]
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: asked.append(number))
    told = False
    while any(worker.poll() is None for worker in workers):
        if asked and not told:
            told = True
            for worker in workers:
                worker.terminate()
        dead = next((i for i, worker in enumerate(workers) if worker.poll()), None)
        if len(asked) > 1 or (dead is not None and not asked):
            _end(workers)
            break
        time.sleep(0.05)
    codes = [worker.wait() for worker in workers]
    if not any(codes):
        return
    if len(set(codes)) == 1 and codes[0] > 0:
        sys.exit(codes[0])  # each has said why
    if asked:
        sys.exit(128 + asked[0])
    dead = next(i for i, code in enumerate(codes) if code) if dead is None else dead
    if codes[dead] == 2 and (lines := [x for x in held[dead] if codes[0] != 2]):
        print(*lines, sep="\n", file=sys.stderr)
    if 2 not in codes:
        print(
            f"error: worker {dead} ({addresses[dead]}) {_cause(codes[dead])}; the others were "
            "ended; the same command goes on from the last checkpoint",
            file=sys.stderr,
        )
    sys.exit(2 if 2 in codes else 1)


def _addresses(hosts: list[str], workers: int | None, port: int) -> list[str]:
    """host:port of each worker, as many on every host."""
    count = workers or len(hosts)
    if count % len(hosts):
        raise UserError(f"--workers={count} is not a multiple of the {len(hosts)} --hosts")
    if hosts != ["localhost"]:
        return [f"{host}:{port + i}" for host in hosts for i in range(count // len(hosts))]
    with contextlib.ExitStack() as stack:
        doors = [stack.enter_context(socket.socket()) for _ in range(count)]
        for door in doors:
            door.bind(("127.0.0.1", 0))
        return [f"localhost:{door.getsockname()[1]}" for door in doors]


def _start(index: int, addresses: list[str], command: list[str], held: list[str]):
    """Starts a worker; the chief speaks for itself, the others' lines say whose they are."""
    task = {"type": "worker", "index": index}
    config = json.dumps({"cluster": {"worker": addresses}, "task": task})
    host = addresses[index].rpartition(":")[0]
    arguments, environment = [sys.executable, *command], os.environ | {"TF_CONFIG": config}
    if host not in HERE:
        there = f"cd {shlex.quote(os.getcwd())} && exec env {shlex.join([f'TF_CONFIG={config}'])} "
        # With a terminal, so that the worker ends with the connection.
        arguments = ["ssh", "-tt", "-o", "BatchMode=yes", host, there + shlex.join(arguments)]
    worker = subprocess.Popen(
        arguments,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=None if index == 0 else subprocess.PIPE,
        stderr=None if index == 0 else subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C reaches this process alone, which passes it on
        preexec_fn=_die_with_parent,
    )
    if index:
        threading.Thread(target=_repeat, args=[worker, index, held], daemon=True).start()
    return worker


def _die_with_parent() -> None:
    """On Linux, the worker is killed when this process is."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _repeat(worker: subprocess.Popen, index: int, held: list[str]) -> None:
    for line in worker.stdout:
        if line.startswith("error: "):  # most likely the chief says the same
            held.append(line.rstrip())
        else:
            print(f"worker {index}: {line.rstrip()}", file=sys.stderr)


def _end(workers: list[subprocess.Popen]) -> None:
    deadline = time.monotonic() + SECONDS_LEFT
    while time.monotonic() < deadline and any(worker.poll() is None for worker in workers):
        time.sleep(0.05)
    for worker in workers:
        worker.kill()


def _cause(code: int) -> str:
    if code < 0:
        return f"was killed by {signal.Signals(-code).name}"
    return f"ended with status {code}"


def define_flags() -> None:
    flags.DEFINE_integer("workers", None, "How many; default: one on each host.", lower_bound=1)
    flags.DEFINE_list("hosts", None, "Where, by ssh; default: all on this machine.")
    flags.DEFINE_integer("port", 8470, "On other machines: of the first worker there.", 1, 65000)


def console() -> None:
    define_flags()
    cli.run(main, takes_files=True, uses_tensorflow=False)


if __name__ == "__main__":
    console()
