"""What a server offers of a model: its signatures, and the same for image files and bytes.

NAME              tensors, as the model declares them
NAME_uint8        where all is images: uint8 in and out
NAME_bytes        where all inputs are images: PNG or JPEG files in, as KEY_bytes; images come
                  back as PNG files, other outputs as they are
restore_blend     where a strength applies: also takes strength [b], of each image, from 0, the
                  image as it was, to 1, what the network makes of it
tiling            where pictures are restored: how to cut one that is too large for a request
serving_default   the first NAME_bytes that gives an image, or else the first of all
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from export.savedmodel import guards, image_bytes, tiling
from zoo.data.source import squeezed
from zoo.models import tiles
from zoo.models.base import Model, Signature, Tensor

Function = Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]]


class Endpoint(NamedTuple):
    """What becomes one signature of a SavedModel; the batch axis is free."""

    function: Function
    specs: dict[str, tf.TensorSpec]
    signature: str  # of the model's, whose answer it gives; "" where it gives none
    beside: tuple[tuple[str, Any], ...] = ()  # what else it takes, so that it gives just that

    def inputs(self, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """What the model's signature is given, and the same beside each."""
        count = len(next(iter(given.values())))
        return given | {key: np.repeat([row], count, 0) for key, row in self.beside}


def of_model(model: Model) -> dict[str, Endpoint]:
    """Every endpoint by name; which there are follows from the declared tensors alone."""
    found: dict[str, Endpoint] = {}
    defaults = {True: [], False: []}  # by whether an image comes out
    for name, signature in model.signatures().items():
        specs = signature.specs()
        # One traced function under all three, so that the file holds the network once.
        function = tf.function(guards.guarded(model, name), input_signature=[specs])
        found[name] = Endpoint(function, specs, name)
        if not all(t.is_image for t in signature.inputs.values()):
            continue
        found[f"{name}_bytes"] = _on_bytes(name, signature, function, model.squeezes)
        makes_images = all(t.is_image for t in signature.outputs.values())
        defaults[makes_images].append(found[f"{name}_bytes"])
        if makes_images:
            found[f"{name}_uint8"] = _on_uint8(name, signature, function)
    if "restore" in found and tiles.takes_strength(model):
        found["restore_blend"] = _blended(found["restore"])
    if "restore" in found:
        sides = ("sides", [1, 1])
        found["tiling"] = Endpoint(tiling.of_model(model), tiling.SPECS, "", (sides,))
    if default := [*defaults[True], *defaults[False]]:
        found["serving_default"] = default[0]
    return found


def _on_uint8(name: str, signature: Signature, function: Function) -> Endpoint:
    specs = {k: tf.TensorSpec(s.shape, tf.uint8, k) for k, s in signature.specs().items()}

    def call(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        inputs = guards.shaped(signature, inputs)
        outputs = function({k: tf.cast(x, tf.float32) / 255.0 for k, x in inputs.items()})
        return {k: image_bytes.to_uint8(x) for k, x in outputs.items()}

    return Endpoint(call, specs, name)


def _on_bytes(name: str, signature: Signature, function: Function, squeezes: bool) -> Endpoint:
    specs = {f"{k}_bytes": tf.TensorSpec([None], tf.string, f"{k}_bytes") for k in signature.inputs}

    def decode(files: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        def image(key: str, shape: tuple[int | None, ...]) -> tf.Tensor:
            if not squeezes:
                return image_bytes.decode(files[f"{key}_bytes"], shape)
            whole = image_bytes.decode(files[f"{key}_bytes"], (None, None, shape[-1]))
            return squeezed(whole, *shape[:2])

        return {key: image(key, tensor.shape) for key, tensor in signature.inputs.items()}

    def run(images: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        outputs = function(images)
        return {
            _file_key(k, t): image_bytes.encode(outputs[k]) if t.is_image else outputs[k]
            for k, t in signature.outputs.items()
        }

    def one(files: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        batch = {k: tf.expand_dims(x, 0) for k, x in decode(files).items()}
        return {k: x[0] for k, x in run(batch).items()}

    def call(files: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        files = {k: tf.ensure_shape(x, [None]) for k, x in files.items()}
        most = min(guards.MAX_FILES, guards.most_rows(signature))
        files = guards.after(guards.batch(files, most), files)
        if all(None not in tensor.shape for tensor in signature.inputs.values()):
            kinds = {k: tf.TensorSpec(t.shape) for k, t in signature.inputs.items()}
            return run(tf.map_fn(decode, files, fn_output_signature=kinds))
        # One by one, in any mixture of sizes: the server may have put them in one batch from
        # requests of several people. Memory is that of one image.
        kinds = {
            _file_key(k, t): tf.TensorSpec([], tf.string) if t.is_image else tf.TensorSpec(t.shape)
            for k, t in signature.outputs.items()
        }
        return tf.map_fn(one, files, fn_output_signature=kinds, parallel_iterations=1)

    return Endpoint(call, specs, name)


def _blended(restore: Endpoint) -> Endpoint:
    specs = restore.specs | {"strength": tf.TensorSpec([None], tf.float32, "strength")}

    def call(inputs: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        image, strength = inputs["image"], tf.ensure_shape(inputs["strength"], [None])
        inside = tf.reduce_all((strength >= 0.0) & (strength <= 1.0))  # which NaN is not
        checks = [
            guards.check(inside, "strength lies outside 0 to 1:", strength),
            *guards.batch({"image": image, "strength": strength}, guards.MAX_PIXELS),
        ]
        image = guards.after(checks, {"image": image})["image"]
        share = strength[:, tf.newaxis, tf.newaxis, tf.newaxis]
        answer = restore.function({"image": image})["image"]
        return {"image": (1.0 - share) * image + share * answer}  # exact at both ends

    return Endpoint(call, specs, restore.signature, (("strength", 1.0),))


def _file_key(key: str, tensor: Tensor) -> str:
    # TensorFlow Serving sends strings as base64 only where the name ends so.
    return f"{key}_bytes" if tensor.is_image else key
