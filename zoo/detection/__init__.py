"""Many pictures through a model that finds defects, and what people look at afterwards."""
