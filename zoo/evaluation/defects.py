"""How well a model finds each kind of defect, and how often it cries for nothing."""

from typing import TYPE_CHECKING

import numpy as np

from zoo.data import defects, pipeline
from zoo.data.source import Source
from zoo.metrics.classification import auroc

if TYPE_CHECKING:
    from zoo.models.detector import Detector


def evaluate_defects(model: "Detector", source: Source, limit: int | None = None) -> dict:
    """Metrics by name, each {"model", "baseline", "unit"}.

    `auroc_KIND` of each kind of defect against what is good; `false_alarms` and `found`, the shares
    of good and of bad pictures above the threshold (the baseline has none).

    Args:
      model: one that serves `detect`.
      source: good pictures beside bad ones.
      limit: at most so many.
    """
    found: dict[str, list[tuple[float, float, float]]] = {}
    for _, record in pipeline.whole_records(source, limit):
        image = pipeline.float_record(record, model)["image"][None]
        answer = model.serve["detect"]({"image": image})
        plain = model.score(model.baseline(image)["heat"])
        row = float(answer["score"][0]), float(plain[0]), float(answer["defective"][0])
        found.setdefault(source.class_names[int(record["label"])], []).append(row)
    scores = {kind: np.array(rows).T for kind, rows in sorted(found.items())}
    good = scores.pop(defects.GOOD, np.zeros([3, 0]))
    report = {
        f"auroc_{kind}": {
            "model": auroc(good[0], bad[0]) if good.size else np.nan,
            "baseline": auroc(good[1], bad[1]) if good.size else np.nan,
            "unit": "",
        }
        for kind, bad in scores.items()
    }
    alarms = {"false_alarms": [good], "found": list(scores.values())}
    for name, parts in alarms.items():
        above = np.concatenate([part[2] for part in parts])
        share = 100.0 * above.mean() if above.size else np.nan
        report[name] = {"model": float(share), "baseline": np.nan, "unit": "%"}
    return report
