"""Where things lie by default, and the environment variables that move them."""

from __future__ import annotations

import os
from pathlib import Path


def data_dir() -> Path:
    """Data sets that were fetched or synthesised; FSTMUSE_DATA moves it."""
    return _place("FSTMUSE_DATA", _user_cache() / "data")


def cache_dir() -> Path:
    """Decoded waveforms and log-mels, safe to delete; FSTMUSE_CACHE moves it."""
    return _place("FSTMUSE_CACHE", _user_cache() / "cache")


def models_dir() -> Path:
    """Trained artifacts, one folder each; FSTMUSE_MODELS moves it."""
    return _place("FSTMUSE_MODELS", Path("models"))


def runs_dir() -> Path:
    """Training runs, one folder each; FSTMUSE_RUNS moves it."""
    return _place("FSTMUSE_RUNS", Path("runs"))


def _place(variable: str, default: Path) -> Path:
    return Path(os.environ.get(variable) or default).expanduser()


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "fstmuse"
