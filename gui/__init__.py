"""The desktop window over fstmuse.inference."""
