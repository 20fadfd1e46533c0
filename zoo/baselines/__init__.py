"""Answers without learning by gradients: what a model must beat."""
