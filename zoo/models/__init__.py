"""One file a model; `base` is the contract that they all keep."""
