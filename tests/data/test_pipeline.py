import numpy as np
import pytest
import tensorflow as tf

import zoo
from zoo.cli import UserError
from zoo.data import augmentation, crops, pipeline, sources
from zoo.models import registry


@pytest.fixture(scope="module")
def model():
    return zoo.create("denoising", channels=1, **registry.find("denoising").tiny)


def targets(batches, count):
    return np.concatenate([target for _, target in batches.take(count)])


def test_an_epoch_shows_each_image_once_in_a_new_order(model):
    source = sources.load("digits", "train[:40]")
    both = targets(pipeline.train_batches(source, model, 8), 10)
    epochs = [{image.tobytes() for image in both[:40]}, {image.tobytes() for image in both[40:]}]
    assert epochs[0] == epochs[1]
    assert len(epochs[0]) == 40
    assert (both[:40] != both[40:]).any()


def test_a_stream_can_begin_at_any_step(model):
    source = sources.load("digits", "train[:40]")
    whole = [b for b, _ in pipeline.train_batches(source, model, 16, seed=5).take(6)]
    rest = [b for b, _ in pipeline.train_batches(source, model, 16, seed=5, start=64).take(2)]
    np.testing.assert_array_equal(whole[4:], rest)


def test_workers_and_replicas_part_every_batch_among_them(model):
    source = sources.load("digits", "train[:40]")
    whole = targets(pipeline.train_batches(source, model, 8, seed=5, start=16), 3)
    parts = [
        targets(
            pipeline.train_batches(
                source, model, 8, seed=5, start=16, share=pipeline.Share(first, 4, 2)
            ),
            6,  # two replicas' batches for each of three steps
        )
        for first in (0, 4)
    ]
    together = [part.reshape(3, 4, 8, 8, 1) for part in parts]
    np.testing.assert_array_equal(np.concatenate(together, axis=1).reshape(whole.shape), whole)


def test_noise_is_new_in_every_epoch(model):
    source = sources.load("digits", "train[:1]")
    first, second = (x for x, _ in pipeline.train_batches(source, model, 1).take(2))
    assert (first.numpy() != second.numpy()).any()


def test_crops_come_from_everywhere_and_small_images_are_enlarged(photograph):
    image = tf.constant(photograph, tf.float32) / 255
    found = {crops.random(image, tf.constant([0, i]), 32).numpy().tobytes() for i in range(20)}
    assert len(found) == 20
    assert crops.random(image[:10, :20], tf.constant([0, 0]), 32).shape == (32, 32, 3)


def test_a_share_shows_as_much_of_a_picture_of_any_size():
    ramp = np.linspace(0, 1, 32, dtype=np.float32)
    small = tf.constant(np.broadcast_to(ramp[:, None, None], [32, 48, 1]))
    for image in (small, tf.image.resize(small, [320, 480])):
        seen = [crops.shared(image, tf.constant([0, i]), 16, (0.5, 1.0)) for i in range(40)]
        shares = [float(x[-1, 0, 0] - x[0, 0, 0]) * 16 / 15 for x in seen]  # of its height
        assert all(x.shape == (16, 16, 1) for x in seen)
        assert min(shares) == pytest.approx(0.5, abs=0.06)
        assert max(shares) == pytest.approx(1.0, abs=0.06)


def test_dihedral_makes_all_eight_symmetries():
    image = tf.reshape(tf.range(4.0), [2, 2, 1])
    seen = {
        augmentation.augmented(image, tf.constant([0, i]), "dihedral").numpy().tobytes()
        for i in range(100)
    }
    assert len(seen) == 8


def test_images_are_scaled_to_fill_the_model_s_size():
    autoencoder = zoo.create("autoencoder", channels=3, image_size=[16, 24], width=4)
    source = sources.load("photos", "test")
    for image, _ in pipeline.eval_batches(source, autoencoder):
        assert image.shape == (1, 16, 24, 3)
        assert float(tf.reduce_min(image)) >= 0
        assert float(tf.reduce_max(image)) <= 1


def test_channels_follow_the_model(model):
    for image, _ in pipeline.eval_batches(sources.load("photos", "test"), model):
        assert image.shape == (1, 427, 640, 1)


def test_an_empty_split_is_explained(model):
    with pytest.raises(UserError, match="empty"):
        pipeline.eval_batches(sources.load("digits", "test[:0]"), model)


def test_a_shift_moves_the_picture_and_keeps_its_shape(model):
    source = sources.load("digits", "train[:1]")
    plain = targets(pipeline.train_batches(source, model, 1), 1)[0]
    moved = targets(pipeline.train_batches(source, model, 1, augment="shift"), 30)
    assert moved.shape == (30, 8, 8, 1)
    inner = {
        np.roll(plain, (i, j), (0, 1))[1:-1, 1:-1].tobytes() for i in (-1, 0, 1) for j in (-1, 0, 1)
    }
    assert {image[1:-1, 1:-1].tobytes() for image in moved} == inner
