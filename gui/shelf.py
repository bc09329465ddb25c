"""The trained networks there are: the folder of models, watched."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from fstmuse.artifacts.card import CARD, NETWORK, SAVED_MODEL
from fstmuse.artifacts.shelf import Model, delete, scan

if TYPE_CHECKING:
    from .settings import Settings

# Writing an artifact touches the folder a few times; it is looked at when that has calmed down.
_CALM_MS = 200


class Shelf(QObject):
    """The models in a folder, looked at again whenever something changes there.

    The folder is also that of child processes: FSTMUSE_MODELS names it.

    Args:
        settings: `models_folder` says which folder, and remembers another one.
        parent: Qt parent.

    Attributes:
        models: as `fstmuse.artifacts.shelf.scan` found them, by name; those that cannot be used have a reason.
    """

    changed = Signal()
    """The folder or what is in it is another now."""

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.models: list[Model] = []
        self._settings = settings
        self._folder = ""
        self._refusals: dict[str, tuple[str, tuple]] = {}
        self._watcher = QFileSystemWatcher(self)
        self._calm = QTimer(self, singleShot=True, interval=_CALM_MS)
        self._calm.timeout.connect(self.rescan)
        self._watcher.directoryChanged.connect(lambda path: self._calm.start())
        settings.changed.connect(self._setting_changed)
        self._follow()

    @property
    def folder(self) -> str:
        """The folder of models, absolute; it need not be there."""
        return self._folder

    def set_folder(self, path: Path | str) -> None:
        """Takes another folder, and remembers it."""
        self._settings.models_folder = str(path)
        self._follow()

    def rescan(self) -> None:
        """Looks at the folder at once."""
        self._calm.stop()
        self._watch([_nearest(self._folder)])
        models = [self._judged(model) for model in scan(self._folder)]
        # Evaluating writes into a model's folder what the list shows.
        self._watch([_nearest(self._folder), *(model.path for model in models)])
        if models != self.models:
            self.models = models
            self.changed.emit()

    def refuse(self, path: str, reason: str) -> None:
        """Marks a model that could not be loaded, until its files change.

        Args:
            path: of its folder.
            reason: why, and how to mend it.
        """
        path = os.path.abspath(path)  # noqa: PTH100 - as `scan` writes it
        self._refusals[path] = (reason, _stamp(path))
        self.rescan()

    def accept(self, path: str) -> None:
        """Takes back what `refuse` said: the model has been loaded after all."""
        if self._refusals.pop(os.path.abspath(path), None):  # noqa: PTH100
            self.rescan()

    def find(self, path: str) -> Model | None:
        """The model in a folder.

        Args:
            path: of the folder, absolute.
        """
        return next((model for model in self.models if model.path == path), None)

    def delete(self, model: Model) -> None:
        """Removes a model from the disk, for good.

        Raises:
            ArtifactError: it cannot be removed, or another process is writing it.
        """
        try:
            delete(model)
        finally:
            self.rescan()

    def _setting_changed(self, name: str) -> None:
        if name == "models_folder":
            self._follow()

    def _follow(self) -> None:
        """Looks at the folder that the settings name."""
        folder = self._settings.models_folder
        if folder == self._folder:
            return
        self._folder = os.environ["FSTMUSE_MODELS"] = folder
        self.models = []
        self.rescan()
        if not self.models:
            self.changed.emit()

    def _judged(self, model: Model) -> Model:
        reason, stamp = self._refusals.get(model.path, ("", ()))
        if not reason or model.reason:
            return model
        if stamp != _stamp(model.path):
            del self._refusals[model.path]
            return model
        return dataclasses.replace(model, reason=reason)

    def _watch(self, folders: list[str]) -> None:
        # A folder that was replaced by another one of its name is watched no more, which Qt does not tell.
        if watched := self._watcher.directories():
            self._watcher.removePaths(watched)
        self._watcher.addPaths([folder for folder in folders if folder])


def _nearest(folder: str) -> str:
    """The folder, or the first one above it that is there."""
    return next((str(path) for path in (Path(folder), *Path(folder).parents) if os.path.isdir(path)), "")  # noqa: PTH112


def _stamp(artifact: str) -> tuple:
    """Changes when the files do that decide whether a model can be loaded."""
    found = []
    for name in (CARD, NETWORK, f"{SAVED_MODEL}/saved_model.pb"):
        with contextlib.suppress(OSError):
            state = Path(artifact, name).stat()
            found.append((name, state.st_mtime_ns, state.st_size, state.st_ino))
    return tuple(found)
