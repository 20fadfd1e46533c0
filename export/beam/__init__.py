"""Restoration on a cluster: an Apache Beam pipeline over an exported SavedModel."""
