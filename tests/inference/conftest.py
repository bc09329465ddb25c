"""Artifacts for the tests of inference."""

from tests.artifact_fixtures import tone_artifact, toy_artifact

__all__ = ["tone_artifact", "toy_artifact"]
