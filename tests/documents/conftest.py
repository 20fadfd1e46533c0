"""A folder such as a reader has: the repository, pictures, and runs by the names in documents."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.documents.markdown import ROOT, blocks

GOOD = "GOOD/a.jpg", "GOOD/b.jpg"


@pytest.fixture(scope="session")
def workspace(tmp_path_factory, photograph):
    """Makes folders with what is in the repository's, and with pictures."""
    return lambda: furnished(tmp_path_factory.mktemp("workspace"), photograph)


def furnished(folder: Path, photograph: np.ndarray) -> Path:
    for name in ("train.py", "zoo", "export", "benchmarks", ".github"):
        (folder / name).symlink_to(ROOT / name)
    for name in ("PICTURES/a.jpg", "PICTURES/b.png", "MORE/c.png", "PICTURE.jpg", *GOOD):
        (folder / name).parent.mkdir(exist_ok=True)
        Image.fromarray(photograph[:100, :120]).save(folder / name)
    Image.fromarray(np.eye(100, 120) > 0).save(folder / "MASK.png")
    (folder / "my_models").mkdir()
    (model,) = (b for b in blocks("zoo/models/README.md", "python") if "@register" in b)
    (folder / "my_models" / "sharpening.py").write_text(model)
    return folder


@pytest.fixture(scope="session")
def untrained_runs(workspace) -> Path:
    """Such a folder, with runs that took no time."""
    from zoo import runs
    from zoo.files import weights
    from zoo.models import registry

    folder = workspace()
    for name, dataset, model, arguments in (
        ("demo", "photos", "denoising", {"channels": 3, "noise_stddev": 25}),
        ("mine", "photos", "denoising", {"channels": 3, "noise_stddev": [0, 55]}),
        ("digits", "digits", "autoencoder", {}),
        ("plane", "digits", "vae", {"latent_dim": 2, "prior": "mixture", "components": 10}),
        ("factors", "sprites", "beta_vae", {"image_size": 64}),
        ("probe", "digits", "classifier", {"classes": 10}),
    ):
        made = registry.create(model, **registry.find(model).tiny | arguments)
        run = folder / "runs" / name
        runs.start(run, made, {"dataset": dataset, "split": "train[:200]"}, "")
        weights.save(run / "best.npz", weights.of_model(made))
    Image.open(folder / "PICTURE.jpg").save(folder / "runs/demo/preview.png")
    return folder
