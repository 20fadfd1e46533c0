"""A run's folder, the unit of everything; a preset is one too."""

from zoo.runs.folder import best_weights, load, read_config, start, write_json, write_text

__all__ = ["best_weights", "load", "read_config", "start", "write_json", "write_text"]
