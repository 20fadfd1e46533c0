"""A model beside its baseline, and what it is judged by beyond that: latents, samples, classes."""
