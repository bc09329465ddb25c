"""Manifests, data sets, loading, cache and tf.data."""
