"""What a network is trained for: targets, losses, metrics, figures."""
