"""Which workers train together, as TF_CONFIG, Slurm or Kubernetes tells."""

import json
import os
from typing import NamedTuple

import tensorflow as tf

from zoo.cli import UserError

PORT = 8470


class Cluster(NamedTuple):
    """The workers' addresses, the chief's first, and which of them this process is."""

    addresses: list[str]
    index: int


def find(resolver: str) -> Cluster:
    """Asks `tf_config`, `slurm` or `kubernetes`; raises UserError where it does not know."""
    return {"tf_config": from_tf_config, "slurm": from_slurm, "kubernetes": from_kubernetes}[
        resolver
    ]()


def from_tf_config() -> Cluster:
    """As https://www.tensorflow.org/guide/distributed_training describes the variable."""
    text = os.environ.get("TF_CONFIG", "")
    try:
        config = json.loads(text)
        jobs, task = config["cluster"], config["task"]
        chief, workers = list(jobs.get("chief", [])), list(jobs["worker"])
        kind, index = task["type"], int(task["index"])
        addresses = [_checked(address) for address in chief + workers]
        if not 0 <= index < len({"chief": chief, "worker": workers}[kind]):
            raise ValueError(f"there is no {kind} {index}")
        if len(set(addresses)) < len(addresses):
            raise ValueError("one address stands there twice")
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else error
        raise UserError(
            f"TF_CONFIG={text} names no workers ({reason}); start with python -m zoo.launch, or "
            'set it to {"cluster": {"worker": ["host1:8470", "host2:8470"]}, '
            '"task": {"type": "worker", "index": 0}}'
        ) from None
    return Cluster(addresses, index + (len(chief) if kind == "worker" else 0))


def from_slurm() -> Cluster:
    """From the variables that `srun` sets for each task."""
    resolver = tf.distribute.cluster_resolver.SlurmClusterResolver
    try:
        # Without GPUs the resolver's own choice of them fails, and srun has chosen already.
        found = resolver(port_base=PORT, gpus_per_node=1024, gpus_per_task=1, auto_set_gpu=False)
        # By node, not by rank: the resolver sorts names, and node10 comes before node9.
        mine = f"{os.environ['SLURMD_NODENAME']}:{PORT + int(os.environ['SLURM_LOCALID'])}"
        addresses = found.cluster_spec().job_tasks("worker")
        return Cluster(addresses, addresses.index(mine))
    except (KeyError, RuntimeError, ValueError) as error:
        raise UserError(f"--resolver=slurm finds no job step ({error}); start by srun") from None


def from_kubernetes() -> Cluster:
    """From the API server: the nodes of the running pods that have the label WORKERS_LABEL.

    The pods need `hostNetwork`, their node's address in HOST_IP, and leave to list pods.
    """
    resolver = tf.distribute.cluster_resolver.KubernetesClusterResolver
    try:
        from kubernetes import client, config

        config.load_incluster_config()
        # The resolver by itself looks for a person's kubeconfig, even in a pod.
        labels = {"worker": [os.environ["WORKERS_LABEL"]]}
        found = resolver(labels, PORT, override_client=client.CoreV1Api())
        addresses = found.cluster_spec().job_tasks("worker")
        return Cluster(addresses, addresses.index(f"{os.environ['HOST_IP']}:{PORT}"))
    except ImportError:
        raise UserError("--resolver=kubernetes needs pip install kubernetes") from None
    except Exception as error:  # of many kinds, from the client library
        raise UserError(
            f"--resolver=kubernetes finds no workers ({error}); zoo/distributed/job.yaml needs none"
        ) from None


def _checked(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not (host and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError(f"{address!r} is no host:port")
    return address
