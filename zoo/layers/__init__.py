"""Building blocks. Pure Keras, any backend; LiteRT builtin operators only."""
