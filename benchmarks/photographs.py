"""A folder of 200 JPEGs of 481x321, cut from the two photographs that scikit-learn has."""

from pathlib import Path

import numpy as np
from PIL import Image


def make_folder(folder: Path, count: int = 200) -> Path:
    """Writes the files and returns the folder."""
    from sklearn.datasets import load_sample_image

    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    photographs = [load_sample_image(name) for name in ("china.jpg", "flower.jpg")]
    for i in range(count):
        whole = photographs[i % 2]
        top, left = random.integers(0, np.array(whole.shape[:2]) - [321, 481])
        part = Image.fromarray(whole[top : top + 321, left : left + 481])
        part.save(folder / f"{i:03}.jpg", quality=90)
    return folder
