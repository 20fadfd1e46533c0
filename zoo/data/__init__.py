"""Where pictures come from (`sources`) and how they become batches (`pipeline`)."""
