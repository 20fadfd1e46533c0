"""From a run's folder to what is shipped: SavedModel, LiteRT, and the proof that they agree."""
