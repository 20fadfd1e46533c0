"""Which devices and workers train together."""

import contextlib
import os
import signal
from collections.abc import Iterator

import tensorflow as tf

from zoo.cli import UserError
from zoo.distributed import cluster, heartbeat

NAMES = ["auto", "mirrored", "multi_worker", "none"]


@contextlib.contextmanager
def entered(
    name: str = "auto",
    devices: list[str] | None = None,
    resolver: str = "tf_config",
    timeout: float = 60.0,
) -> Iterator[tf.distribute.Strategy]:
    """Enters the scope in which a model is made and trained.

    Args:
      name: `multi_worker` trains with the other processes that the resolver names, and `auto`
        too where TF_CONFIG is set; else see `make`.
      devices: see `make`.
      resolver: see `zoo.distributed.cluster.find`.
      timeout: seconds in which all workers must have come.

    Raises:
      UserError: a device or worker that is not there, or a cluster that is none.
    """
    if name != "multi_worker" and not (name == "auto" and os.environ.get("TF_CONFIG")):
        with make(name, devices).scope():
            yield tf.distribute.get_strategy()
        return
    if devices:
        raise UserError("--devices goes with --strategy=mirrored; workers take all their GPUs")
    workers = cluster.find(resolver)
    with heartbeat.met(workers, timeout), _multi_worker(workers).scope():
        yield tf.distribute.get_strategy()


def make(name: str = "auto", devices: list[str] | None = None) -> tf.distribute.Strategy:
    """Returns the strategy of this process alone.

    Args:
      name: `auto` mirrors over all GPUs, or over the CPU where there is none; `mirrored`
        over `devices`; `none` is TensorFlow's default.
      devices: such as ["GPU:0", "GPU:1"], or ["CPU:0", "CPU:1"] to try out replicas on one
        machine: missing logical CPUs are made, if TensorFlow has not started yet.

    Raises:
      UserError: a device that does not exist, or devices for another strategy.
    """
    if devices and name != "mirrored":
        raise UserError(f"--devices goes with --strategy=mirrored, not {name}")
    if name == "none":
        return tf.distribute.get_strategy()
    if devices:
        _make_logical_cpus(devices)
    present = {d.name.removeprefix("/device:") for d in tf.config.list_logical_devices()}
    gpus = sorted(d for d in present if d.startswith("GPU:"))
    for device in devices or []:
        if device not in present:
            raise UserError(f"no device {device} here; there are {', '.join(sorted(present))}")
    return tf.distribute.MirroredStrategy(devices or gpus or ["CPU:0"])


def _multi_worker(workers: cluster.Cluster) -> tf.distribute.Strategy:
    # One list, the chief's address first, whatever the resolver calls its jobs.
    resolver = tf.distribute.cluster_resolver.SimpleClusterResolver(
        tf.train.ClusterSpec({"worker": workers.addresses}),
        task_type="worker",
        task_id=workers.index,
        rpc_layer="grpc",
    )
    strategy = tf.distribute.MultiWorkerMirroredStrategy(cluster_resolver=resolver)
    # TensorFlow has just taken SIGTERM for its own purposes and would ignore it.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return strategy


def _make_logical_cpus(devices: list[str]) -> None:
    cpus = [d for d in devices if d.startswith("CPU:") and d[4:].isdigit()]
    count = 1 + max((int(d[4:]) for d in cpus), default=0)
    if not 1 < count <= 64:
        return
    physical = tf.config.list_physical_devices("CPU")[0]
    try:
        tf.config.set_logical_device_configuration(
            physical, [tf.config.LogicalDeviceConfiguration()] * count
        )
    except RuntimeError:  # already started; `make` reports what is missing
        return
