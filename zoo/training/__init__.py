"""The training road: strategy, loop, checkpoints, callbacks."""
