"""Several replicas and several machines: who they are, and how they keep in touch."""
