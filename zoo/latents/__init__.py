"""A model's latents: codes of images, their neighbors, samples, and pictures of the space."""
