"""Exports from the window: a button with the formats, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QPushButton, QSizePolicy, QWidget

from fstmuse.artifacts.exports import SUFFIXES, missing
from fstmuse.artifacts.shelf import Model

from ..exporting import Exporter
from ..icons import icon
from ..reveal import reveal_or_say
from ..words import Words
from .asking import Then, ask_target

if TYPE_CHECKING:
    from ..context import Context

Ask = Callable[[QWidget, str, str, str, Then], object]
"""As `ask_target`: parent, title, proposal, kinds, then."""


class ExportMenu(QMenu):
    """The formats; those that cannot be written here say why."""

    chosen = Signal(str)
    """Name of a format."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolTipsVisible(True)
        self._told = {
            "savedmodel": (self.tr("SavedModel"), self.tr("A folder for TensorFlow alone: takes sound of any length")),
            "keras": (self.tr("Keras"), self.tr("One file for Keras on any backend: takes log-mel pictures")),
            "onnx": (self.tr("ONNX"), self.tr("One file for ONNX runtimes: takes log-mel pictures")),
            "litert": (self.tr("LiteRT"), self.tr("One file for phones and small machines: takes windows of sound")),
        }
        for kind in SUFFIXES:
            action = QAction(self)
            action.setObjectName(kind)
            action.triggered.connect(lambda checked=False, kind=kind: self.chosen.emit(kind))
            self.addAction(action)
        self.aboutToShow.connect(self.refresh)
        self.refresh()

    def title_of(self, kind: str) -> str:
        """What people call a format."""
        return self._told[kind][0]

    def refresh(self) -> None:
        """Looks again at which packages there are."""
        for action in self.actions():
            title, tip = self._told[action.objectName()]
            lack = missing(action.objectName())
            action.setText(self.tr("{0} (packages are missing)").format(title) if lack else f"{title}...")
            action.setToolTip(lack or tip)
            action.setEnabled(not lack)


class ExportBox(QWidget):
    """The line that shows an export going on, and then what came of it. Hidden before the first.

    Args:
        context: `settings.export_folder` is where the file dialog begins.
        ask: asks for the file to write.
        parent: Qt parent.

    Attributes:
        exporter: what does the work.
        menu: of formats, for buttons and context menus.
    """

    changed = Signal()
    """An export has begun or ended."""

    def __init__(self, context: Context, ask: Ask = ask_target, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._ask = context, ask
        self._written = ""
        self._model: Model | None = None
        self.exporter = Exporter(self)
        self.menu = ExportMenu(self)
        self.menu.chosen.connect(self._choose_target)
        self._bar = QProgressBar(textVisible=False)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(self.tr("Export under way"))
        self._bar.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self._label = Words()
        self._label.setAccessibleDescription(self.tr("Export"))
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._cancel = QPushButton(icon("cancel"), self.tr("Cancel export"))
        self._show = QPushButton(icon("folder"), self.tr("Show file"))
        self._cancel.clicked.connect(self._stop)
        self._show.clicked.connect(self._show_written)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        for part in (self._bar, self._label, self._cancel, self._show):
            line.addWidget(part)
        self.exporter.changed.connect(self._update)
        self.exporter.written.connect(self._finished)
        self.exporter.failed.connect(self._failed)
        self.exporter.cancelled.connect(lambda: self._label.setText(self.tr("The export was cancelled.")))
        self._update()
        self.hide()

    @property
    def busy(self) -> bool:
        """Whether an export is going on."""
        return self.exporter.model is not None

    def set_model(self, model: Model | None) -> None:
        """Says which model the menu is about."""
        self._model = model

    def close_down(self) -> None:
        """Ends an export that is going on; before the window goes."""
        self.exporter.close()

    def _choose_target(self, kind: str) -> None:
        model = self._model
        if model is None or self.busy:
            return
        suffix = SUFFIXES[kind]
        name = f"{model.name}{suffix}" if suffix else f"{model.name}-saved_model"
        proposal = Path(self._context.settings.export_folder or Path.home()) / name
        title = self.menu.title_of(kind)
        kinds = f"{title} (*{suffix})" if suffix else f"{title} (*)"
        self._ask(
            self,
            self.tr("Export {0}").format(model.name),
            str(proposal),
            kinds,
            lambda to: self._start(model, kind, to),
        )

    def _start(self, model: Model, kind: str, to: str) -> None:
        if self.busy:
            return
        out = Path(to)
        # The dialog has asked whether a file may be replaced, but about the name as it was typed.
        overwrite = bool(SUFFIXES[kind]) and out.is_file()
        if SUFFIXES[kind] and out.suffix.lower() != SUFFIXES[kind]:
            out, overwrite = out.with_name(f"{out.name}{SUFFIXES[kind]}"), False
        self._context.settings.export_folder = str(out.parent)
        self._written = ""
        self.exporter.start(model, kind, str(out), overwrite=overwrite)

    def _stop(self) -> None:
        self._cancel.setEnabled(False)
        self.exporter.cancel()

    def _update(self) -> None:
        model = self.exporter.model
        for part in (self._bar, self._cancel):
            part.setVisible(model is not None)
        self._show.setVisible(bool(self._written))
        if model is not None:
            title = self.menu.title_of(self.exporter.kind)
            text = self.tr("Exporting {0} as {1}: {2} s").format(model.name, title, round(self.exporter.seconds))
            self._label.setText(text)
            self.show()
        else:
            self._cancel.setEnabled(True)
        self.changed.emit()

    def _finished(self, path: str, told: str) -> None:
        self._written = path
        self._label.setText(self.tr("Written: {0}. It takes and gives: {1}").format(path, told))
        self._context.say(self.tr("Exported: {0}").format(path))
        self._update()

    def _failed(self, message: str, details: str) -> None:
        self._label.setText(self.tr("Nothing was exported. {0}").format(message))
        self._context.say(self._label.text())
        if details:
            self._context.error(self.tr("Export"), message, details)

    def _show_written(self) -> None:
        reveal_or_say(self._written, self._context.say)
