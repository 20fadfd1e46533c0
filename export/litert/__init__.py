"""LiteRT files: float32, float16 and int8, and what they hold and cost."""
