"""Configuration, run folders and training."""
