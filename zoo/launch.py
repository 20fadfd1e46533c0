"""python -m zoo.launch --workers=2 -- train.py ...: several workers, here or on several machines.

Each worker gets a TF_CONFIG. When one dies, the others are ended and one line says so; the same
command again goes on from the last checkpoint. SIGTERM and Ctrl-C save a checkpoint first.
"""

import contextlib
import signal
import socket
import subprocess
import sys
import time

from absl import flags

from zoo import cli
from zoo.cli import UserError
from zoo.distributed.process import Worker

FLAGS = flags.FLAGS
SECONDS_LEFT = 3  # for the others, when one has died, to end by themselves


def main(command: list[str]) -> None:
    if sys.platform == "win32":
        raise UserError(
            "zoo.launch needs Linux or macOS, or WSL on Windows; or set TF_CONFIG yourself"
        )
    if not command:
        raise UserError(
            "what shall the workers run? `python -m zoo.launch --workers=2 -- train.py ...`"
        )
    addresses = _addresses(FLAGS.hosts or ["localhost"], FLAGS.workers, FLAGS.port)
    workers = [Worker(i, addresses, command) for i in range(len(addresses))]
    failed = _wait(workers)
    codes = [worker.end() for worker in workers]
    if len(set(codes)) == 1 and codes[0] >= 0:
        sys.exit(codes[0])  # the chief has said why
    if failed is None:  # SIGTERM came before all of them were training
        sys.exit(128 + signal.SIGTERM)
    dead = workers[failed]
    if codes[failed] != 2:
        print(
            f"error: worker {failed} ({addresses[failed]}) {_cause(codes[failed])}; the others "
            "were ended; the same command goes on from the last checkpoint",
            file=sys.stderr,
        )
        sys.exit(1)
    if codes[0] != 2:
        print(*dead.complaints, sep="\n", file=sys.stderr)
    sys.exit(2)


def _wait(workers: list[Worker]) -> int | None:
    """Waits until all end; returns which was the first to fail, and ends the others then.

    SIGTERM and Ctrl-C are passed on as SIGTERM, after which all have the time that they need; a
    second one kills.
    """
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: asked.append(number))
    processes, told = [worker.process for worker in workers], False
    while any(process.poll() is None for process in processes):
        failed = [i for i, process in enumerate(processes) if process.poll()]
        if len(asked) > 1 or (failed and not asked):
            _kill(processes)
            return failed[0] if failed else None
        if asked and not told:
            told = True
            for process in processes:
                process.terminate()
        time.sleep(0.05)
    failed = [i for i, process in enumerate(processes) if process.poll()]
    return failed[0] if failed and not asked else None


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


def _kill(processes: list[subprocess.Popen]) -> None:
    """Kills those that do not end by themselves."""
    deadline = time.monotonic() + SECONDS_LEFT
    while time.monotonic() < deadline and any(process.poll() is None for process in processes):
        time.sleep(0.05)
    for process in processes:
        process.kill()


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
    cli.run(main, takes_files=True)


if __name__ == "__main__":
    console()
