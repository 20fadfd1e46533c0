"""--data_service: a dispatcher and a worker make the batches."""

import numpy as np
import pytest
import tensorflow as tf

from zoo import runs
from zoo.cli import UserError
from zoo.data import pipeline, sources
from zoo.models import registry
from zoo.training import fit


@pytest.fixture(scope="module")
def address():
    service = tf.data.experimental.service
    dispatcher = service.DispatchServer(service.DispatcherConfig(port=0))
    address = dispatcher.target.removeprefix("grpc://")
    config = service.WorkerConfig(dispatcher_address=address, heartbeat_interval_ms=50)
    worker = service.WorkerServer(config)
    yield address
    del worker, dispatcher


@pytest.fixture
def model():
    return registry.create("autoencoder", channels=1, **registry.find("autoencoder").tiny)


@pytest.mark.slow
def test_an_epoch_shows_each_picture_once(address, model):
    source = sources.load("digits", "train[:96]")
    batches = pipeline.train_batches(source, model, 8, data_service=address)
    shown = np.concatenate([target.numpy() for _, target in batches.take(12)])
    here = pipeline.train_batches(source, model, 8)
    expected = np.concatenate([target.numpy() for _, target in here.take(12)])
    assert sorted(x.tobytes() for x in shown) == sorted(x.tobytes() for x in expected)


@pytest.mark.slow
def test_a_run_trains_from_it(address, model, tmp_path):
    train = sources.load("digits", "train")
    runs.start(tmp_path, model, {"dataset": "digits"}, "")
    recipe = fit.Recipe(steps=10, validation_limit=20, data_service=address)
    fit.fit(model, train, sources.load("digits", "validation"), tmp_path, recipe)
    assert (tmp_path / "best.npz").exists()


def test_what_it_cannot_serve_is_refused(model, image_folder):
    folder = sources.load(f"folder:{image_folder}", "train", channels=1)
    with pytest.raises(UserError, match="held in memory"):
        pipeline.train_batches(folder, model, 2, data_service="localhost:1")
    for wrong in ("localhost:1", "localhost", "nowhere.invalid:5000", "localhost:99999"):
        with pytest.raises(UserError, match=f"no dispatcher at data_service={wrong}"):
            pipeline.train_batches(sources.load("digits"), model, 2, data_service=wrong)
