"""Pictures, arrays and buckets: what is read from disk and written to it."""
