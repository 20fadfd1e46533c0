"""A folder such as a reader has: the repository, pictures, and runs by the names in documents."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.documents.markdown import ROOT, blocks


@pytest.fixture
def workspace(tmp_path, photograph) -> Path:
    """The repository's folders, and pictures."""
    for name in ("train.py", "zoo", "export", "benchmarks", ".github"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in ("PICTURES/a.jpg", "PICTURES/b.png", "MORE/c.png", "PICTURE.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        Image.fromarray(photograph[:100, :120]).save(tmp_path / name)
    Image.fromarray(np.eye(100, 120) > 0).save(tmp_path / "MASK.png")
    (tmp_path / "my_models").mkdir()
    (model,) = (b for b in blocks("zoo/models/README.md", "python") if "@register" in b)
    (tmp_path / "my_models" / "sharpening.py").write_text(model)
    return tmp_path


@pytest.fixture
def untrained_runs(workspace) -> Path:
    """The workspace with runs that took no time."""
    from zoo import runs
    from zoo.files import weights
    from zoo.models import registry

    for name, dataset, model, arguments in (
        ("demo", "photos", "denoising", {"channels": 3, "noise_stddev": 25}),
        ("mine", "photos", "denoising", {"channels": 3, "noise_stddev": [0, 55]}),
        ("digits", "digits", "autoencoder", {}),
        ("plane", "digits", "vae", {"latent_dim": 2, "prior": "mixture", "components": 10}),
        ("factors", "sprites", "beta_vae", {"image_size": 64}),
        ("probe", "digits", "classifier", {"classes": 10}),
    ):
        made = registry.create(model, **registry.find(model).tiny | arguments)
        run = workspace / "runs" / name
        runs.start(run, made, {"dataset": dataset, "split": "train[:200]"}, "")
        weights.save(run / "best.npz", weights.of_model(made))
    Image.open(workspace / "PICTURE.jpg").save(workspace / "runs/demo/preview.png")
    return workspace
