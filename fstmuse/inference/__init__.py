"""All that can be asked of an artifact."""
