"""One TOML of settings per network."""
