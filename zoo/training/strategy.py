"""Which devices train together."""

import tensorflow as tf

from zoo.cli import UserError


def make(name: str = "auto", devices: list[str] | None = None) -> tf.distribute.Strategy:
    """Returns the strategy under whose scope a model is made.

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
