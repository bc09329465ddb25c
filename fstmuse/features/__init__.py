"""Pictures of sound: log-mel front end and augmentation."""
