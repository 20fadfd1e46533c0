"""What models are judged by beyond `eval_metrics`: latents, samples, foreign images, classes."""
