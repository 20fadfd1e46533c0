"""Priors, posteriors and likelihoods as tensorflow-probability objects."""
