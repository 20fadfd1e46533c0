"""The chief and the other workers hold each other's hand: nobody waits for a dead one.

TensorFlow starts without a deadline and may hang in a collective operation whose partner is
gone. So every worker keeps a TCP connection to the chief, made before TensorFlow starts. The
operating system closes it when a process dies, however it dies; a machine that vanishes is
noticed by keep-alive packets.
"""

import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator

import tensorflow as tf

from zoo.cli import UserError
from zoo.distributed.cluster import Cluster

GRACE = 5.0  # seconds in which a process may end by itself, with an error of its own
DONE = b"."


@contextlib.contextmanager
def met(cluster: Cluster, timeout: float) -> Iterator[None]:
    """Waits for all workers; while it is entered, the death of one ends this process.

    Args:
      cluster: who they are.
      timeout: seconds.

    Raises:
      UserError: naming who has not come in time.
    """
    deadline = time.monotonic() + timeout
    links = _wait_for_all(cluster, deadline) if cluster.index == 0 else _call(cluster, deadline)
    for index, link in links.items():
        _keep_alive(link)
        name = f"worker {index} ({cluster.addresses[index]})"
        threading.Thread(target=_watch, args=[link, name], daemon=True).start()
    try:
        yield
    except tf.errors.OpError:
        time.sleep(2 * GRACE)  # if it is for a peer's death, `_watch` ends this process
        raise
    for link in links.values():
        with contextlib.suppress(OSError):
            link.sendall(DONE)


def _wait_for_all(cluster: Cluster, deadline: float) -> dict[int, socket.socket]:
    """The chief's part. TensorFlow listens on the same port afterwards."""
    host, _, port = cluster.addresses[0].rpartition(":")
    links: dict[int, socket.socket] = {}
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(("127.0.0.1" if host in ("localhost", "127.0.0.1") else "", int(port)))
        except OSError as error:
            raise UserError(f"the chief cannot listen on {host}:{port}: {error}") from None
        door.listen()
        while missing := set(range(1, len(cluster.addresses))) - set(links):
            door.settimeout(max(0.0, deadline - time.monotonic()) or 1e-3)
            try:
                link, _ = door.accept()
                link.settimeout(5)
                index = int.from_bytes(_exactly(link, 2))
            except OSError:
                if time.monotonic() < deadline:
                    continue
                names = ", ".join(f"worker {i} ({cluster.addresses[i]})" for i in sorted(missing))
                raise UserError(
                    f"{names} did not come in time; is it running, with the same list of workers?"
                ) from None
            if 0 < index < len(cluster.addresses):  # one that has started again calls again
                links[index] = link
    for link in links.values():
        link.sendall(DONE)
    return links


def _call(cluster: Cluster, deadline: float) -> dict[int, socket.socket]:
    """The other workers' part."""
    host, _, port = cluster.addresses[0].rpartition(":")
    while True:
        try:
            link = socket.create_connection((host, int(port)), 5)
            link.sendall(cluster.index.to_bytes(2))
            link.settimeout(max(0.0, deadline - time.monotonic()) or 1e-3)
            _exactly(link, 1)  # until everybody is there
            return {0: link}
        except OSError as error:
            if time.monotonic() > deadline - 0.5:
                raise UserError(
                    f"the chief, {cluster.addresses[0]}, did not gather all workers in time "
                    f"({error}); is it running, and are the others?"
                ) from None
            time.sleep(0.5)


def _exactly(link: socket.socket, size: int) -> bytes:
    data = link.recv(size, socket.MSG_WAITALL)
    if len(data) < size:
        raise ConnectionError("it hung up")
    return data


def _keep_alive(link: socket.socket) -> None:
    """Lets the connection break where a machine has been silent for half a minute."""
    link.settimeout(None)
    link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):  # Linux
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 10)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 5)
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 4)


def _watch(link: socket.socket, name: str) -> None:
    with contextlib.suppress(OSError):
        if link.recv(1) == DONE:
            return
    time.sleep(GRACE)
    print(
        f"error: {name} is gone, so this one ends too; "
        "the same command goes on from the last checkpoint",
        file=sys.stderr,
        flush=True,
    )
    os._exit(1)  # the main thread may hang in TensorFlow
