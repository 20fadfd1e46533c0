"""A run's folder, the unit of everything; a preset is one too."""

from zoo.files.atomic import write_json, write_text
from zoo.runs.folder import best_weights, create, load, read_config, start

__all__ = ["best_weights", "create", "load", "read_config", "start", "write_json", "write_text"]
