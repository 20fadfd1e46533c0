"""A run's folder, the unit of everything; a preset is one too."""

from zoo.files.atomic import write_json, write_text
from zoo.runs.checks import check, require
from zoo.runs.folder import best_weights, create, load, read_config, refuse_another, start

__all__ = ["best_weights", "check", "create", "load", "read_config", "refuse_another"]
__all__ += ["require", "start", "write_json", "write_text"]
