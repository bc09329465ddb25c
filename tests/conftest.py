"""Fixtures for all tests: where real audio lies, quiet TensorFlow, folders of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("MPLBACKEND", "Agg")

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real audio, or a skip that says where it was looked for."""
    folder = Path(os.environ.get("FSTMUSE_TEST_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real audio at {folder}; set FSTMUSE_TEST_DATA to a folder laid out as tests/README.md says")
    return folder


@pytest.fixture(autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the developer's caches, models or runs."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("FSTMUSE_DATA", str(home / "data"))
    monkeypatch.setenv("FSTMUSE_CACHE", str(home / "cache"))
    monkeypatch.setenv("FSTMUSE_MODELS", str(home / "models"))
    monkeypatch.setenv("FSTMUSE_RUNS", str(home / "runs"))
