"""From what a user types to the folder of an artifact. Free of TensorFlow."""

from __future__ import annotations

from pathlib import Path

from fstmuse.artifacts.card import CARD
from fstmuse.artifacts.leftovers import artifacts_in, put_back
from fstmuse.errors import ArtifactError, nearest
from fstmuse.places import models_dir


def find_artifact(name: str) -> Path:
    """The folder of an artifact.

    Args:
        name: path of the folder, or the bare name of an artifact in `models_dir()`.

    Returns:
        The folder; `read_card` says whether it holds an artifact.

    Raises:
        ArtifactError: a file, or a bare name that is neither a folder nor an artifact in `models_dir()`.
    """
    path = Path(name).expanduser()
    put_back(path)
    if path.is_dir() and (path / CARD).is_file():
        return path
    models = models_dir()
    bare = len(path.parts) == 1 and name not in (".", "..")
    if bare:
        put_back(models / path)
        if (models / path / CARD).is_file():
            return models / path
    if path.is_file():
        own = (path.parent / CARD).is_file()
        way = f"Give its folder: {path.parent}." if own else "The first argument is the artifact."
        raise ArtifactError(f"{name} is a file; expected the folder of a trained network, or its name. {way}")
    if not bare:
        return path
    known = artifacts_in(models, CARD)
    if not known:
        raise ArtifactError(
            f"No artifact '{name}': neither a folder here, nor in {models}, which holds none. "
            "Train one by python -m fstmuse.train, give the path of its folder, or set FSTMUSE_MODELS to where it lies "
            "(those that come with FstMuse: the checkout's folder models)."
        )
    raise ArtifactError(f"No artifact '{name}': neither a folder here, nor in {models}. {nearest(name, known)}")
