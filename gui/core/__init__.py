"""What the window decides without Qt or TensorFlow: messages, intake, jobs, time line, pictures, models."""
