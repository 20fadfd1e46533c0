"""Pictures through a model: one, or many with a record of what is done."""
