"""Restoration on many machines: chunks of file names, spread over workers by Dask."""
