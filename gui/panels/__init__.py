"""The parts of the window around the clip: queue, models, training, preferences."""
