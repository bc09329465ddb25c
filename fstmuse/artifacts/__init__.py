"""Trained networks on disk: card, save, load, check, export."""
