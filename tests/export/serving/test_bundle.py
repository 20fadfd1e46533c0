"""python -m export --serving_bundle: files that a server and a cluster can read."""

import subprocess

import pytest
import yaml
from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from export.serving import bundle as serving_bundle
from export.serving import rollout
from tests.export.stand_in import StandIn


@pytest.fixture
def bundle(tmp_path):
    for version in ("old/1", "old/2", "old/10", "none/x"):
        (tmp_path / "serving" / version).mkdir(parents=True)
    (tmp_path / "run/serving/new/1").mkdir(parents=True)
    return serving_bundle.write(tmp_path)


def test_the_server_is_told_of_every_model_and_its_labels(bundle):
    config = model_server_config_pb2.ModelServerConfig()
    text_format.Parse((bundle / "models.config").read_text(), config)
    models = {model.name: model for model in config.model_config_list.config}
    assert {k: dict(v.version_labels) for k, v in models.items()} == {
        "new": {"stable": 1, "canary": 1},
        "old": {"stable": 2, "canary": 10},
    }
    assert list(models["old"].model_version_policy.specific.versions) == [2, 10]
    assert models["old"].base_path == "/models/serving/old"
    assert models["new"].base_path == "/models/run/serving/new"


def test_an_export_beside_a_running_server_changes_nothing_that_it_serves(bundle, tmp_path):
    """It would be refused: `python -m export.release` moves labels, in steps."""
    before = (bundle / "models.config").read_text()
    (tmp_path / "serving/old/11").mkdir()
    serving_bundle.write(tmp_path)
    assert (bundle / "models.config").read_text() == before
    (tmp_path / "serving/third/1").mkdir(parents=True)
    serving_bundle.write(tmp_path)
    assert 'name: "third"' in (bundle / "models.config").read_text()


def test_compose_serves_on_this_machine_only_with_limits(bundle):
    """By the gate; the server has no ports, and no network that leads anywhere."""
    compose = yaml.safe_load((bundle / "docker-compose.yml").read_text())
    gate, server = compose["services"]["gate"], compose["services"]["serving"]
    assert server["image"] == "tensorflow/serving:2.21.0"
    assert "ports" not in server
    assert server["networks"] == ["inside"]
    assert compose["networks"]["inside"] == {"internal": True}
    assert gate["ports"] == ["127.0.0.1:8500:8500", "127.0.0.1:8501:8501"]
    for service in (gate, server):
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
        words = [*service["entrypoint"], *service["command"]]
        files = [word.partition("/config/")[2] for word in words if "/config/" in word]
        assert files
        assert all((bundle / file).exists() for file in files)
    assert "--enable_batching=true" not in server["command"]
    assert int(server["environment"]["TF_MKL_ALLOC_MAX_BYTES"]) < 6 * 2**30 / 2


def test_the_gate_leads_to_where_the_server_listens(bundle):
    compose = yaml.safe_load((bundle / "docker-compose.yml").read_text())
    clusters = yaml.safe_load((bundle / "gate.yaml").read_text())["static_resources"]["clusters"]
    places = []
    for cluster in clusters:
        (endpoint,) = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
        places.append(endpoint["endpoint"]["address"]["socket_address"])
    assert [place["address"] for place in places] == ["serving", "serving"]
    grpc, rest = (place["port_value"] for place in places)
    assert compose["services"]["serving"]["command"][:2] == [
        f"--port={grpc}",
        f"--rest_api_port={rest}",
    ]


def test_kubernetes_has_the_same_configuration(bundle):
    kinds = kubernetes(bundle)
    assert set(kinds) == {
        *("ConfigMap", "Deployment", "Service", "NetworkPolicy", "HorizontalPodAutoscaler"),
    }
    for name, text in kinds["ConfigMap"]["data"].items():
        assert text == (bundle / name).read_text()
    pod = kinds["Deployment"]["spec"]["template"]["spec"]
    gate, server = pod["containers"]
    compose = yaml.safe_load((bundle / "docker-compose.yml").read_text())["services"]
    assert gate["command"] + gate["args"] == (
        compose["gate"]["entrypoint"] + compose["gate"]["command"]
    )
    assert gate["image"] == compose["gate"]["image"]
    assert server["args"] == compose["serving"]["command"]
    assert server["image"] == compose["serving"]["image"]
    probe = compose["serving"]["healthcheck"]["test"][1:]
    assert server["readinessProbe"]["exec"]["command"] == probe
    environment = {each["name"]: each["value"] for each in server["env"]}
    assert environment == compose["serving"]["environment"]
    assert pod["hostAliases"] == [{"ip": "127.0.0.1", "hostnames": ["serving"]}]
    files = {
        word.partition("/config/")[2]
        for words in (gate["args"], server["args"], server["livenessProbe"]["exec"]["command"])
        for word in words
        if "/config/" in word
    }
    assert files < set(kinds["ConfigMap"]["data"])
    assert kinds["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == "autoencoder-zoo"


def test_kubernetes_leads_to_the_ports_of_the_gate_alone(bundle):
    kinds = kubernetes(bundle)
    gate, server = kinds["Deployment"]["spec"]["template"]["spec"]["containers"]
    named = {port["name"]: port["containerPort"] for port in gate["ports"]}
    assert "ports" not in server
    assert {port["targetPort"] for port in kinds["Service"]["spec"]["ports"]} == set(named)
    (ingress,) = kinds["NetworkPolicy"]["spec"]["ingress"]
    assert {port["port"] for port in ingress["ports"]} == set(named.values())
    assert (
        kinds["NetworkPolicy"]["spec"]["podSelector"] == (kinds["Deployment"]["spec"]["selector"])
    )


def test_another_configuration_replaces_the_pods(bundle, tmp_path):
    """A pod keeps the file that it started with, and `kubectl rollout undo` brings it back."""

    def names() -> set[str]:
        kinds = kubernetes(bundle)
        volumes = kinds["Deployment"]["spec"]["template"]["spec"]["volumes"]
        assert kinds["ConfigMap"]["immutable"]
        return {kinds["ConfigMap"]["metadata"]["name"], volumes[1]["configMap"]["name"]}

    (before,) = names()
    serving_bundle.write(tmp_path)
    assert names() == {before}
    (tmp_path / "serving/old/11").mkdir()
    rollout.at_once(bundle)
    serving_bundle.write(tmp_path)
    (after,) = names()
    assert after != before


def kubernetes(bundle) -> dict[str, dict]:
    """The documents by their kind."""
    documents = list(yaml.safe_load_all((bundle / "kubernetes.yaml").read_text()))
    assert len({document["kind"] for document in documents}) == len(documents)
    return {document["kind"]: document for document in documents}


def test_healthy_is_what_has_every_model_available(served, tmp_path):
    """The probe itself, against the stand-in."""
    for name in ("denoising", "classifier"):
        (tmp_path / "serving" / name / "1").mkdir(parents=True)
    folder = serving_bundle.write(tmp_path)
    service = yaml.safe_load((folder / "docker-compose.yml").read_text())["services"]["serving"]

    def healthy(*names) -> bool:
        server = StandIn([served(name).folder.parent for name in names])
        _, *command = service["healthcheck"]["test"]
        command[-1] = command[-1].replace("8511", str(server.rest_port))
        try:
            return not subprocess.run(command, timeout=30, check=False).returncode
        finally:
            server.close()

    assert healthy("denoising", "classifier")
    assert not healthy("denoising")


def test_every_value_is_explained_where_it_stands(bundle):
    for file in ("docker-compose.yml", "gate.yaml", "kubernetes.yaml", "models.config"):
        lines = (bundle / file).read_text().splitlines()
        assert sum("#" in line for line in lines) >= 4, file
