"""SavedModel: as LiteRT is made of it, and as TensorFlow Serving serves it."""
