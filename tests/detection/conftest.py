import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def parts(tmp_path_factory):
    """Good parts and holed ones, with masks: train/good, test/good, test/hole, masks/hole."""
    root, random = tmp_path_factory.mktemp("parts"), np.random.default_rng(0)

    def part(name: str, holed: bool = False) -> None:
        height, width = random.integers(30, 60, 2)
        pixels = 150 + 20 * np.sin(np.arange(width) / 3) + random.normal(0, 4, [height, width])
        top, left = random.integers(4, [height - 14, width - 14])
        if holed:
            pixels[top : top + 9, left : left + 9] = 10
            mask = np.zeros([height, width], np.uint8)
            mask[top : top + 9, left : left + 9] = 255
            save(mask, f"masks/{name.removeprefix('test/')}")
        save(pixels.clip(0, 255).astype(np.uint8), name)

    def save(pixels: np.ndarray, name: str) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(root / name)

    for i in range(40):
        part(f"train/good/{i:02}.png")
    for i in range(10):
        part(f"test/good/{i}.png")
        part(f"test/hole/{i}.png", holed=True)
    return root


@pytest.fixture(scope="session")
def parts_run(parts, tmp_path_factory):
    """A detector trained on the good parts, for seconds."""
    from zoo.data import sources
    from zoo.models import registry
    from zoo.training.recipe import Recipe
    from zoo.training.train import train

    run = tmp_path_factory.mktemp("runs") / "parts"
    name = f"folder:{parts}"
    good, held_out = (sources.load(name, s) for s in ("train[:50%]", "train[50%:]"))
    recipe = Recipe(
        steps=150, batch_size=8, learning_rate=4e-3, warmup_steps=10, validate_every=150
    )
    arguments = registry.find("anomaly").tiny | {"view": 32, "channels": 1}
    train("anomaly", good, held_out, run, recipe, **arguments)
    return run
