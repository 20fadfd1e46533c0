"""python -m export.release, against the stand-in with the real server's rules."""

import shutil
import subprocess
import sys
import threading
import time

import grpc
import numpy as np
import pytest
from tensorflow_serving.apis import model_management_pb2, model_service_pb2_grpc

from export.savedmodel import served as served_model
from export.serving import bundle, models_config, remote, rollout
from tests.conftest import ROOT
from tests.export.stand_in import StandIn
from tests.models.tiny import moved_model
from zoo.cli import UserError

IMAGE = np.random.default_rng(0).random([1, 8, 8, 1], np.float32)


@pytest.fixture(scope="module")
def second(served, tmp_path_factory):
    """Another version of the denoiser, with other weights: (model, folder)."""
    model, folder = moved_model("denoising"), tmp_path_factory.mktemp("second") / "2"
    for weight in model.trainable_variables:
        weight.assign(weight * 0.5)
    served_model.write(model, folder, "denoising", served("denoising").feeds)
    return model, folder


@pytest.fixture
def answers(served, second) -> dict[int, np.ndarray]:
    """What each version makes of the image."""
    models = {1: served("denoising").model, 2: second[0]}
    found = {
        v: np.asarray(m.serve["restore"]({"image": IMAGE})["image"]) for v, m in models.items()
    }
    assert np.abs(found[1] - found[2]).max() > 1e-3
    return found


@pytest.fixture
def artifacts(served, tmp_path):
    """Version 1 of two models, with a bundle."""
    for name in ("denoising", "classifier"):
        shutil.copytree(served(name).folder, tmp_path / "serving" / name / "1")
    bundle.write(tmp_path)
    return tmp_path


@pytest.fixture
def server(artifacts):
    """On the bundle's file, which it polls as a real one does."""
    config_file = artifacts / "serving_bundle" / "models.config"
    started = StandIn(config_file=config_file, root=artifacts)
    yield started
    started.close()


@pytest.fixture
def release(artifacts, server, monkeypatch):
    """release(back=True) in this process, by gRPC -> {model: labels}."""
    monkeypatch.setattr(rollout, "PAUSE", 0.05)

    def run(deadline=60.0, back=False):
        folder = artifacts / "serving_bundle"
        return rollout.release(folder, server.addresses["gRPC"], deadline, back)

    return run


@pytest.fixture
def export_second(artifacts, second):
    """What an export of version 2 does to the artifacts of a running server."""

    def export():
        shutil.copytree(second[1], artifacts / "serving/denoising/2")
        bundle.write(artifacts)

    return export


class Clients:
    """Ask without a pause, by both protocols and by label or none, and note which version answers.

    Attributes:
      seen: for each client, the versions in the order in which they answered.
      wrong: everything that is no version's answer.
    """

    def __init__(self, server, answers):
        self._answers, self._stop = answers, threading.Event()
        self.seen, self.wrong, self._threads = {}, [], []
        for kind, address in server.addresses.items():
            for label in ("stable", "canary", None):
                model = remote.connect(address, "denoising", label=label)
                thread = threading.Thread(target=self._ask, args=[(kind, label), model])
                self._threads.append(thread)
                thread.start()

    def _ask(self, who, model) -> None:
        found = self.seen[who] = []
        while not self._stop.is_set():
            try:
                got = model.predict("restore", {"image": IMAGE})["image"]
                (version,) = [v for v, a in self._answers.items() if np.abs(got - a).max() < 1e-5]
                found.append(version)
            except Exception as error:
                self.wrong.append((who, error))

    def close(self) -> dict:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        return self.seen


def labels_of(artifacts) -> dict[str, dict[str, int]]:
    models = models_config.read(artifacts / "serving_bundle/models.config")
    return {model.name: dict(model.version_labels) for model in models}


def served_by(server, **which) -> int:
    return remote.connect(server.addresses["REST"], "denoising", **which).version()


def test_a_release_and_the_way_back_lose_no_request_and_answer_none_wrong(
    server, release, export_second, answers
):
    clients = Clients(server, answers)
    export_second()
    time.sleep(0.5)  # the server has read the file again, and serves as before
    assert served_by(server, label="canary") == 1

    labels = release()
    assert labels["denoising"] == {"stable": 1, "canary": 2}
    assert labels["classifier"] == {"stable": 1, "canary": 1}
    assert server.versions.states["denoising"] == {1: "AVAILABLE", 2: "AVAILABLE"}
    time.sleep(0.5)

    assert release(back=True)["denoising"] == {"stable": 1, "canary": 1}
    assert server.versions.states["denoising"] == {1: "AVAILABLE", 2: "END"}
    time.sleep(0.5)
    seen = clients.close()
    assert clients.wrong == []
    assert server.refused == []
    for (kind, label), found in seen.items():
        assert len(found) > 30
        changes = [a for a, b in zip(found, [None, *found], strict=False) if a != b]
        assert changes == ([1] if label == "stable" else [1, 2, 1]), (kind, label)


def test_a_label_that_moves_ahead_of_its_version_is_refused_with_all_else(
    server, artifacts, second
):
    """Why a release has steps: the whole file, whatever else it says, is not taken up."""
    shutil.copytree(second[1], artifacts / "serving/denoising/2")
    path = artifacts / "serving_bundle/models.config"
    labels = {"stable": 1, "canary": 2}
    ahead = models_config.model("denoising", "/models/serving/denoising", labels)
    reason = (
        "Request to assign label to version 2 of model denoising, which is not currently "
        "available for inference"
    )
    request = model_management_pb2.ReloadConfigRequest()
    request.config.model_config_list.config.append(ahead)  # and the classifier goes
    with grpc.insecure_channel(server.addresses["gRPC"]) as channel:
        models = model_service_pb2_grpc.ModelServiceStub(channel)
        with pytest.raises(grpc.RpcError, match=reason) as caught:
            models.HandleReloadConfigRequest(request)
    assert caught.value.code() == grpc.StatusCode.FAILED_PRECONDITION

    models_config.write(path, [ahead])
    time.sleep(0.5)
    assert server.refused[-1] == reason
    assert server.versions.states == {"denoising": {1: "AVAILABLE"}, "classifier": {1: "AVAILABLE"}}
    assert served_by(server, label="canary") == 1


def test_a_version_that_cannot_be_loaded_leaves_everything_as_it_was(server, release, artifacts):
    (artifacts / "serving/denoising/2").mkdir()  # of a copy that was cut off
    before = (artifacts / "serving_bundle/models.config").read_text()
    with pytest.raises(UserError, match="did not load denoising within 1 s"):
        release(deadline=1)
    assert (artifacts / "serving_bundle/models.config").read_text() == before
    assert served_by(server, label="canary") == served_by(server) == 1


def test_where_nothing_is_new_it_says_so_and_touches_nothing(server, release, artifacts):
    before = (artifacts / "serving_bundle/models.config").stat().st_mtime_ns
    with pytest.raises(UserError, match="of every model, canary is the newest version already"):
        release()
    with pytest.raises(UserError, match="of every model, canary is stable already"):
        release(back=True)
    assert (artifacts / "serving_bundle/models.config").stat().st_mtime_ns == before


def test_without_a_server_the_file_says_the_end_at_once(artifacts, export_second):
    export_second()
    assert rollout.at_once(artifacts / "serving_bundle")["denoising"]["canary"] == 2
    assert labels_of(artifacts)["denoising"] == {"stable": 1, "canary": 2}
    started = StandIn(config_file=artifacts / "serving_bundle/models.config", root=artifacts)
    try:
        assert served_by(started, label="canary") == 2
        assert served_by(started, label="stable") == 1
    finally:
        started.close()


def test_a_folder_without_a_bundle_is_one_line_and_exit_status_2(command, tmp_path):
    done = command("-m", "export.release", f"--artifacts={tmp_path}")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line == f"error: no bundle in {tmp_path}; export with --serving_bundle first"


@pytest.mark.slow
def test_a_killed_release_leaves_the_old_version_served_and_the_next_goes_on(
    server, artifacts, export_second, command
):
    export_second()
    server.versions.delay = 30.0
    arguments = "-m", "export.release", f"--artifacts={artifacts}"
    arguments += (f"--address={server.addresses['gRPC']}",)
    with subprocess.Popen([sys.executable, *arguments], cwd=ROOT) as process:
        path = artifacts / "serving_bundle/models.config"
        while {1, 2} not in map(models_config.loaded, models_config.read(path)):
            assert process.poll() is None
            time.sleep(0.1)
        process.kill()
    assert labels_of(artifacts)["denoising"] == {"stable": 1, "canary": 1}
    assert served_by(server, label="canary") == served_by(server) == 1
    done = command(*arguments)
    assert done.returncode == 0, done.stderr
    assert "denoising: canary 2, stable 1" in done.stdout.splitlines()
    assert served_by(server, label="canary") == 2
