"""One file a model; `base` is the contract that they all keep.

Folders in the environment variable ZOO_MODELS, with : between, are searched for models too, as if
their files lay here.
"""

import os

__path__ += [folder for folder in os.environ.get("ZOO_MODELS", "").split(os.pathsep) if folder]
