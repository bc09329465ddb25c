"""What the user has chosen, remembered from one start to the next."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QObject, QSettings, QStandardPaths, Signal

from fstmuse.places import models_dir

from .core.colours import COLOUR_MAPS
from .core.paths import full_path

THEMES = ("system", "light", "dark")
FORMATS = ("csv", "json", "labels", "png")
"""As in `fstmuse.inference.outputs`, which the window does not import: it draws with matplotlib."""

RECENT = 12
"""Clips that are remembered."""


class _Choice:
    """An attribute of `Settings` that is stored as JSON; what does not pass its check is forgotten.

    Args:
        default: value, or what makes it.
        check: whether a stored value can be used.
        read: from what JSON gives to the value.
    """

    def __init__(self, default: Any, check: Callable[[Any], bool], read: Callable[[Any], Any] = lambda x: x) -> None:
        self.default, self.check, self.read = default, check, read

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, settings: Settings | None, owner: type) -> Any:
        if settings is None:
            return self
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            stored = self.read(json.loads(settings._store.value(f"choices/{self.name}", "")))
            if self.check(stored):
                return stored
        return self.default() if callable(self.default) else self.default

    def __set__(self, settings: Settings, value: Any) -> None:
        value = self.read(value)
        if not self.check(value):
            raise ValueError(f"{self.name}: received {value!r}, which no such setting can have.")
        if value != self.__get__(settings, Settings):
            settings._store.setValue(f"choices/{self.name}", json.dumps(value))
            settings.changed.emit(self.name)


def _one_of(names: tuple[str, ...]) -> Callable[[Any], bool]:
    return lambda value: value in names


def _between(low: float, high: float) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is(kind: type) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, kind)


def _results() -> str:
    documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return str(Path(documents or Path.home()) / "FstMuse")


class Settings(QObject):
    """All that is remembered. Attributes are written to the file as they are set.

    Args:
        file: ini file to use; None: the user's own.

    Attributes:
        theme: one of `THEMES`.
        output_folder: where results are written; need not be there yet.
        formats: some of `FORMATS`, in their order, at least one.
        save_results: write each result as soon as it is there.
        run_on_drop: ask about clips as soon as they are added.
        colour_map: of spectrograms and heat maps, one of `core.colours.COLOUR_MAPS`.
        low_db: level of the darkest colour, in dB relative to full scale.
        high_db: level of the brightest colour, likewise, above `low_db`.
        volume: 0 to 1.
        page: verb of the page that was shown last.
        open_folder: where files were last opened from; empty at first.
        export_folder: where results were last exported to; empty at first.
    """

    changed = Signal(str)
    """Name of the setting that has another value now."""

    theme = _Choice("system", _one_of(THEMES))
    output_folder = _Choice(_results, lambda value: isinstance(value, str) and bool(value))
    formats = _Choice(("csv",), bool, lambda value: tuple(name for name in FORMATS if name in value))
    save_results = _Choice(True, _is(bool))
    run_on_drop = _Choice(True, _is(bool))
    colour_map = _Choice(COLOUR_MAPS[0], _one_of(COLOUR_MAPS))
    low_db = _Choice(-80.0, _between(-120.0, 0.0))
    high_db = _Choice(0.0, _between(-120.0, 0.0))
    volume = _Choice(0.8, _between(0.0, 1.0))
    page = _Choice("", _is(str))
    open_folder = _Choice("", _is(str))
    export_folder = _Choice("", _is(str))
    _models = _Choice("", _is(str))

    PREFERENCES = (
        "theme",
        "output_folder",
        "formats",
        "save_results",
        "run_on_drop",
        "colour_map",
        "low_db",
        "high_db",
    )

    def __init__(self, file: Path | str | None = None) -> None:
        super().__init__()
        form = QSettings.Format.IniFormat
        self._store = (
            QSettings(str(file), form) if file else QSettings(form, QSettings.Scope.UserScope, "FstMuse", "FstMuse")
        )
        if self.low_db >= self.high_db:
            for name in ("low_db", "high_db"):
                self._store.remove(f"choices/{name}")
        self._models_now = ""
        self._environment = os.environ.get("FSTMUSE_MODELS", "")

    @property
    def file(self) -> str:
        """Path of the ini file."""
        return self._store.fileName()

    @property
    def models_folder(self) -> str:
        """Where trained networks lie: as chosen in this window, else FSTMUSE_MODELS, else as chosen before."""
        chosen = self._models_now or ("" if os.environ.get("FSTMUSE_MODELS") else self._models)
        return full_path(chosen or models_dir())

    @models_folder.setter
    def models_folder(self, folder: str | Path) -> None:
        before = self.models_folder
        self._models_now = self._models = full_path(folder)
        if self.models_folder != before:
            self.changed.emit("models_folder")

    def use_models(self, folder: str | Path) -> None:
        """Takes another folder of models until the window ends, as `--models` does; it is not remembered."""
        self._models_now = full_path(folder)

    @property
    def recent(self) -> list[str]:
        """Clips that were added last, the newest first."""
        return self._texts("lists/recent")

    def add_recent(self, paths: Iterable[str]) -> None:
        """Remembers clips as the newest.

        Args:
            paths: of the clips; of many only the first are remembered.
        """
        newest = list(dict.fromkeys(str(path) for path in paths))[:RECENT]
        if newest:
            self._keep("lists/recent", (newest + [path for path in self.recent if path not in newest])[:RECENT])
            self.changed.emit("recent")

    def clear_recent(self) -> None:
        """Forgets which clips were opened."""
        self._keep("lists/recent", [])
        self.changed.emit("recent")

    def chosen(self, verb: str) -> list[str]:
        """Names of the models that are to be asked.

        Args:
            verb: of the page.

        Returns:
            Their names as last chosen, in order; empty when nothing was chosen yet.
        """
        return self._texts(f"chosen/{verb}")

    def set_chosen(self, verb: str, names: Iterable[str]) -> None:
        """Remembers the models that are to be asked.

        Args:
            verb: of the page.
            names: of the models, in order.
        """
        names = list(names)
        if names != self.chosen(verb):
            self._keep(f"chosen/{verb}", names)
            self.changed.emit("chosen")

    def layout(self, name: str) -> QByteArray:
        """Sizes and places of a part of the window as they were.

        Args:
            name: of the part, such as `window` or `splitter`.

        Returns:
            What `keep_layout` was given; empty at first.
        """
        value = self._store.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def keep_layout(self, name: str, layout: QByteArray) -> None:
        """Remembers sizes and places: what Qt's saveGeometry and saveState return."""
        self._store.setValue(f"layout/{name}", QByteArray(layout))

    def as_text(self) -> str:
        """All preferences, a line each, for reports."""
        names = (*self.PREFERENCES, "models_folder", "volume", "page")
        return "\n".join(f"{name} = {getattr(self, name)!r}" for name in names)

    def reset(self) -> None:
        """Takes all preferences back to what they are at first. Layout, recent clips and models chosen stay."""
        before = {name: getattr(self, name) for name in (*self.PREFERENCES, "models_folder")}
        for name in (*self.PREFERENCES, "_models"):
            self._store.remove(f"choices/{name}")
        self._models_now = ""
        # The variable follows the folder chosen, for child processes; it goes back to what it was, too.
        os.environ["FSTMUSE_MODELS"] = self._environment
        for name, value in before.items():
            if getattr(self, name) != value:
                self.changed.emit(name)

    @property
    def lasting(self) -> bool:
        """What is chosen can be written to the file."""
        return self._store.isWritable()

    def flush(self) -> None:
        """Writes to the disk what is not there yet."""
        self._store.sync()

    def _texts(self, key: str) -> list[str]:
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            stored = json.loads(self._store.value(key, "[]"))
            if isinstance(stored, list):
                return [text for text in stored if isinstance(text, str)]
        return []

    def _keep(self, key: str, texts: list[str]) -> None:
        self._store.setValue(key, json.dumps(texts))
