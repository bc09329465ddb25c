"""Painted views of one clip along one time axis."""
