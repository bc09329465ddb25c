"""Artifacts for the tests of inference."""

from tests.artifact_fixtures import tone_artifact, toy_artifact
from tests.infill_fixtures import small_filler

__all__ = ["small_filler", "tone_artifact", "toy_artifact"]
