"""signatures.json: what a client, a phone or a page reads before it calls."""

from zoo.models.base import Model


def describe(model: Model) -> dict:
    """Every signature's inputs and outputs: with what a tile loop needs."""

    def tensors(named: dict) -> dict:
        return {
            key: {
                "dtype": "float32",
                "shape": [None, *tensor.shape],
                "range": tensor.range,
                "meaning": tensor.meaning,
            }
            for key, tensor in named.items()
        }

    return {
        "model": model.registered_name,
        "stride": model.stride,
        "overlap": model.overlap,
        "scale": model.scale,
        "signatures": {
            name: {"inputs": tensors(s.inputs), "outputs": tensors(s.outputs)}
            for name, s in model.signatures().items()
        },
    }
