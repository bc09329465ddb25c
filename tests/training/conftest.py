"""Clips for the tests of training."""

from tests.training.filling import csv

__all__ = ["csv"]
