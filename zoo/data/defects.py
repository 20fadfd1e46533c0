"""A folder of parts: `good/` beside a sub-folder for each kind of defect, and masks of where.

Masks lie in `masks/` or `ground_truth/`, as DEFECT/NAME.png or DEFECT/NAME_mask.png, white where
the defect is; the form of MVTec AD (Bergmann et al. 2019). Without them, nobody knows where.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from zoo.files import image_files

GOOD = "good"
MASKS = "masks", "ground_truth"


def known(classes: Iterable[str | None]) -> bool:
    """Whether pictures of these classes are good ones and bad ones."""
    return GOOD in (there := set(classes)) and len(there - {None}) > 1


def reader(root: Path) -> Callable[[Path, str], np.ndarray]:
    """A function of a file and its class: where the defect is, float32 [h, w, 1].

    A black pixel for what is good; NaN where there are no masks.

    It raises BrokenImage for a defect without a mask, where others have one.
    """
    folder = next((root / name for name in MASKS if (root / name).is_dir()), None)

    def read(file: Path, kind: str) -> np.ndarray:
        if kind == GOOD or folder is None:
            return np.full([1, 1, 1], 0.0 if kind == GOOD else np.nan, np.float32)
        names = [f"{file.stem}.png", f"{file.stem}_mask.png"]
        path = next(
            (p for n in names if (p := folder / kind / n).exists()), folder / kind / names[0]
        )
        pixels = image_files.on_white(image_files.read(path))
        return (image_files.to_channels(pixels, 1) > 0).astype(np.float32)

    return read
