import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from zoo.cli import UserError
from zoo.distributed import cluster, heartbeat, strategy


def tf_config(monkeypatch, content) -> cluster.Cluster:
    text = content if isinstance(content, str) else json.dumps(content)
    monkeypatch.setenv("TF_CONFIG", text)
    return cluster.from_tf_config()


def test_tf_config_names_the_workers(monkeypatch):
    jobs = {"worker": ["a:1", "b:2"]}
    task = {"type": "worker", "index": 1}
    assert tf_config(monkeypatch, {"cluster": jobs, "task": task}) == (["a:1", "b:2"], 1)
    jobs["chief"] = ["c:3"]
    assert tf_config(monkeypatch, {"cluster": jobs, "task": task}) == (["c:3", "a:1", "b:2"], 2)
    task = {"type": "chief", "index": 0}
    assert tf_config(monkeypatch, {"cluster": jobs, "task": task}) == (["c:3", "a:1", "b:2"], 0)


WORKER = {"type": "worker", "index": 0}
BAD = {
    "": "Expecting value",
    "{": "Expecting property name",
    "[]": "list indices must be integers",
    '{"cluster": {}}': "'task' is missing",
    json.dumps({"cluster": {"ps": ["a:1"]}, "task": WORKER}): "'worker' is missing",
    json.dumps({"cluster": {"worker": ["a"]}, "task": WORKER}): "'a' is no host:port",
    json.dumps({"cluster": {"worker": ["a:x"]}, "task": WORKER}): "'a:x' is no host:port",
    json.dumps({"cluster": {"worker": ["a:1", "a:1"]}, "task": WORKER}): "stands there twice",
    json.dumps({"cluster": {"worker": ["a:1"]}, "task": WORKER | {"index": 1}}): "no worker 1",
    json.dumps({"cluster": {"worker": ["a:1"]}, "task": WORKER | {"index": None}}): "int()",
    json.dumps(
        {"cluster": {"worker": ["a:1"]}, "task": WORKER | {"type": "ps"}}
    ): "'ps' is missing",
    json.dumps({"cluster": {"worker": [1]}, "task": WORKER}): "has no attribute",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_tf_config_is_explained_in_a_line(monkeypatch, text):
    with pytest.raises(UserError) as error:
        tf_config(monkeypatch, text)
    assert f"TF_CONFIG={text} names no workers (" in str(error.value)
    assert BAD[text] in str(error.value)
    assert "\n" not in str(error.value)


def test_slurm_tasks_find_themselves_by_node(monkeypatch):
    variables = {
        "SLURM_STEP_NODELIST": "node[9-10]",
        "SLURM_STEP_NUM_TASKS": "4",
        "SLURM_STEP_TASKS_PER_NODE": "2(x2)",
        "SLURM_PROCID": "1",  # node9's second task; sorted by name, it is the last
        "SLURMD_NODENAME": "node9",
        "SLURM_LOCALID": "1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = cluster.find("slurm")
    assert sorted(found.addresses) == ["node10:8470", "node10:8471", "node9:8470", "node9:8471"]
    assert found.addresses[found.index] == "node9:8471"
    monkeypatch.delenv("SLURM_PROCID")
    with pytest.raises(UserError, match=r"resolver=slurm finds no job step .* start by srun"):
        cluster.find("slurm")


def test_kubernetes_pods_find_themselves_by_node(monkeypatch):
    pods = [
        SimpleNamespace(
            metadata=SimpleNamespace(name=name),
            status=SimpleNamespace(phase="Running", host_ip=address),
        )
        for name, address in (("train-1", "10.0.0.2"), ("train-0", "10.0.0.1"))
    ]
    api = SimpleNamespace(
        list_pod_for_all_namespaces=lambda label_selector: SimpleNamespace(
            items=pods if label_selector == "job-name=train" else []
        )
    )
    client = SimpleNamespace(CoreV1Api=lambda: api)
    config = SimpleNamespace(load_incluster_config=lambda: None)
    library = SimpleNamespace(client=client, config=config)
    monkeypatch.setitem(sys.modules, "kubernetes", library)
    monkeypatch.setenv("WORKERS_LABEL", "job-name=train")
    monkeypatch.setenv("HOST_IP", "10.0.0.2")
    assert cluster.find("kubernetes") == (["10.0.0.1:8470", "10.0.0.2:8470"], 1)
    pods[0].status.phase = "Pending"
    with pytest.raises(UserError, match='Pod "train-1" is not running'):
        cluster.find("kubernetes")


def test_the_manifest_of_a_job_makes_a_tf_config(monkeypatch):
    manifest = yaml.safe_load_all(Path(strategy.__file__).with_name("job.yaml").read_text())
    _, job = manifest
    (script,) = job["spec"]["template"]["spec"]["containers"][0]["args"]
    told = script.replace("exec python train.py", "echo $TF_CONFIG; exit #")
    pod = {"WORKERS": "3", "JOB_COMPLETION_INDEX": "2", "PATH": os.environ["PATH"]}
    said = subprocess.run(["sh", "-c", told], env=pod, capture_output=True, text=True, check=True)
    addresses = [f"train-{i}.train:8470" for i in range(3)]
    assert tf_config(monkeypatch, said.stdout) == (addresses, 2)


@pytest.mark.parametrize(
    ("index", "reason"),
    [
        (0, "worker 1 (localhost:1), worker 2 (localhost:2) did not come in time"),
        (1, "the chief, localhost:{port}, did not gather all workers in time"),
    ],
)
def test_who_does_not_come_is_named(index, reason):
    port = free_port()
    three = cluster.Cluster([f"localhost:{port}", "localhost:1", "localhost:2"], index)
    with pytest.raises(UserError) as error, heartbeat.met(three, timeout=1.0):
        pass
    assert reason.format(port=port) in str(error.value)


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]
