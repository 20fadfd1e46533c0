"""How well defects are found, as curves: pictures by ROC and precision, pixels by ROC and PRO."""

from pathlib import Path

import numpy as np

from zoo.data import pipeline
from zoo.data.source import Source
from zoo.metrics import localization
from zoo.models.base import Model
from zoo.pictures import plots


def draw(model: Model, source: Source, path: Path, limit: int | None = None) -> None:
    """Draws the model's curves beside its baseline's.

    Args:
      model: one that serves `detect`.
      source: good pictures beside bad ones.
      path: of the PNG.
      limit: at most so many pictures.
    """
    metrics = model.eval_metrics()
    rows: dict[tuple[str, str], list[np.ndarray]] = {}
    for inputs, target in pipeline.eval_batches(source, model, limit=limit):
        for who, output in {
            "model": model.infer(inputs),
            "baseline": model.baseline(inputs),
        }.items():
            for name in ("auroc", "pro"):
                found = np.asarray(metrics[name].function(target, output))
                rows.setdefault((who, name), []).append(found)
    counted = {key: np.concatenate(parts) for key, parts in rows.items()}
    with plots.styled():
        figure, axes = plots.new(9, 2.6, columns=4)
        for who, color in (("model", plots.COLORS[0]), ("baseline", plots.MUTED)):
            scored, pixels = counted[who, "auroc"], counted[who, "pro"]
            areas = [metrics[n].reduce(scored) for n in ("auroc", "average_precision")]
            areas += [metrics[n].reduce(pixels) for n in ("pixel_auroc", "pro")]
            curves = [*_of_pictures(scored), localization.pixel_roc(pixels)]
            curves.append(localization.pro_curve(pixels))
            for ax, (x, y), area in zip(axes, curves, areas, strict=True):
                ax.plot(x, y, color=color, label=f"{who} {area:.3f}")
        labels = [
            ("pictures", "false alarms", "found"),
            ("pictures", "found", "right of the alarms"),
        ]
        labels += [("pixels", "false alarms", "found"), ("defects", "false alarms", "mean overlap")]
        for ax, (title, x, y) in zip(axes, labels, strict=True):
            ax.set(title=title, xlabel=x, ylabel=y, xlim=(0, 1), ylim=(0, 1.02))
            ax.legend(loc="lower right")
        axes[3].set_xlim(0, localization.MOST_FALSE)
        path.parent.mkdir(parents=True, exist_ok=True)
        plots.save(figure, path)


def _of_pictures(rows: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """ROC, then precision over recall."""
    from sklearn.metrics import precision_recall_curve, roc_curve

    bad, scores = rows[:, 1] > 0.5, rows[:, 0]
    false, found, _ = roc_curve(bad, scores)
    precision, recall, _ = precision_recall_curve(bad, scores)
    return [(false, found), (recall, precision)]
