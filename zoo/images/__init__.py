"""Color, degradations and masks: pure, stateless functions on tensors."""
