"""The trials are models of somebody's own: whoever imports them adds them to the zoo's."""

collect_ignore = ["deblurring.py", "vector_quantized.py"]
