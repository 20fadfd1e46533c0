"""python -m export --serving_bundle: files that a server and a cluster can read."""

import subprocess

import pytest
import yaml
from google.protobuf import text_format
from tensorflow_serving.config import model_server_config_pb2

from export.serving import bundle as serving_bundle
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


def test_compose_serves_on_this_machine_only_with_limits(bundle):
    service = yaml.safe_load((bundle / "docker-compose.yml").read_text())["services"]["serving"]
    assert service["image"] == "tensorflow/serving:2.21.0"
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    files = {x.partition("/config/")[2] for x in service["command"] if "/config/" in x}
    assert files == {"models.config", "monitoring.config"}
    assert all((bundle / file).exists() for file in files)


def test_kubernetes_has_the_same_configuration(bundle):
    documents = list(yaml.safe_load_all((bundle / "kubernetes.yaml").read_text()))
    kinds = {document["kind"]: document for document in documents}
    assert set(kinds) == {"ConfigMap", "Deployment", "Service", "HorizontalPodAutoscaler"}
    for name, text in kinds["ConfigMap"]["data"].items():
        assert text == (bundle / name).read_text()
    container = kinds["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    compose = yaml.safe_load((bundle / "docker-compose.yml").read_text())["services"]["serving"]
    assert container["args"] == compose["command"]
    assert container["image"] == compose["image"]
    assert container["readinessProbe"]["exec"]["command"] == compose["healthcheck"]["test"][1:]
    assert kinds["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == "autoencoder-zoo"


def test_healthy_is_what_has_every_model_available(served, tmp_path):
    """The probe itself, against the stand-in."""
    for name in ("denoising", "classifier"):
        (tmp_path / "serving" / name / "1").mkdir(parents=True)
    folder = serving_bundle.write(tmp_path)
    service = yaml.safe_load((folder / "docker-compose.yml").read_text())["services"]["serving"]

    def healthy(*names) -> bool:
        server = StandIn([served(name).folder.parent for name in names])
        _, *command = service["healthcheck"]["test"]
        command[-1] = command[-1].replace("8501", str(server.rest_port))
        try:
            return not subprocess.run(command, timeout=30, check=False).returncode
        finally:
            server.close()

    assert healthy("denoising", "classifier")
    assert not healthy("denoising")


def test_every_value_is_explained_where_it_stands(bundle):
    for file in ("docker-compose.yml", "kubernetes.yaml", "models.config"):
        lines = (bundle / file).read_text().splitlines()
        assert sum("#" in line for line in lines) >= 4, file
