"""What can be done with answers as files: export them, show them in their folder, drag them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from fstmuse.inference.outputs import name_for, save_as

from ..core.exports import write_table
from ..icons import icon
from ..result_export import ResultExport
from ..reveal import reveal_or_say
from ..views.flow import Flow
from ..words import counted
from .asking import ask_target
from .file_handle import FileHandle

if TYPE_CHECKING:
    from ..context import Context


class AnswerFiles(QWidget):
    """Buttons below the answers about a clip.

    Args:
        context: settings, status bar and error dialog are used.
        formats: what the results can be written as, with names for the menu; None: as classifications can.
        parent: owner.

    Attributes:
        export_button: holds the menu of formats.
        folder_button: opens the folder of the newest file.
        handle: the files themselves.
        ask_folder: asks the user for a folder, beginning with one; empty when they would rather not.
        ask_file: asks for a file, as `ask_target`.
    """

    def __init__(
        self, context: Context, formats: Mapping[str, str] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._formats = formats or {
            "csv": self.tr("&Table along time (CSV)..."),
            "json": self.tr("&JSON..."),
            "labels": self.tr("&Label track for Audacity..."),
            "png": self.tr("&Picture (PNG)..."),
        }
        self._clip: object = None
        self._results: list[tuple[Any, str]] = []
        self._written: list[str] = []
        self._exported: list[str] = []
        self._exporting: object = None
        self._export = ResultExport(self)
        self._export.finished.connect(self._ended)
        self.ask_folder, self.ask_file = self._ask_folder, ask_target
        self.export_button = _button(self.tr("Export"), "export")
        self.export_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.export_button.setMenu(self._make_menu())
        self.folder_button = _button(self.tr("Show in folder"), "folder")
        self.folder_button.clicked.connect(self._reveal)
        self.handle = FileHandle()
        self.handle.copied.connect(lambda n: context.say(self.tr("Result files copied: {0}").format(n)))
        row = Flow(self)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self.export_button, self.folder_button, self.handle):
            row.addWidget(button)
        self._refresh()

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        if "csv" in self._formats:
            menu.addAction(self.tr("&Whole clip, table (CSV)..."), self.export_whole)
        for format, name in self._formats.items():
            menu.addAction(name, lambda format=format: self.export([format]))
        if len(self._formats) > 1:
            menu.addSeparator()
            menu.addAction(self.tr("&All of these..."), lambda: self.export(tuple(self._formats)))
        if "csv" in self._formats:
            menu.addSeparator()
            menu.addActions([self._context.actions[name] for name in ("export_table", "export_along_time")])
        return menu

    def show_results(self, clip: object, results: Sequence[tuple[Any, str]], files: Sequence[str]) -> None:
        """Offers the answers about a clip.

        Args:
            clip: tells it from others; what was exported of another one is offered no more.
            results: what sessions returned, each with the name or signature of its model.
            files: that were written of them already.
        """
        if clip is not self._clip:
            self._clip, self._exported = clip, []
        self._results, self._written = list(results), list(files)
        self._refresh()

    def export(self, formats: Sequence[str]) -> None:
        """Writes the answers into a file that the user names, or where there will be several, a folder.

        Args:
            formats: some of those that the results can be written as.
        """
        results = list(self._results)
        if len(results) * len(formats) == 1:
            [(result, model)], [format] = results, formats
            self._to_file(name_for(result, format, model), lambda file: [str(save_as(result, file, format, model))])
        elif results and (folder := self.ask_folder(self._first())):
            self._begun(self._export.start(results, folder, formats), folder)

    def export_whole(self) -> None:
        """Writes one table of what the models say of the whole clip."""
        if self._results:
            results, name = list(self._results), f"{Path(self._results[0][0].path).name}.csv"
            self._to_file(name, lambda file: [file] if write_table(results, file, along_time=False) else [])

    def _to_file(self, name: str, write: Callable[[str], list[str]]) -> None:
        def then(file: str) -> None:
            self._begun(self._export.begin(lambda: write(file)), str(Path(file).parent))

        suffix = Path(name).suffix
        kinds = self.tr("{0} (*{1})").format(suffix[1:].upper(), suffix)
        self.ask_file(self, self.tr("Export to"), str(Path(self._first()) / name), kinds, then)

    def _first(self) -> str:
        return self._context.settings.export_folder or self._context.settings.output_folder

    def _begun(self, begun: bool, folder: str) -> None:
        if begun:
            self._context.settings.export_folder = folder
            self._exporting = self._clip
            self._context.say(self.tr("Exporting..."))
            self._refresh()

    def _ask_folder(self, first: str) -> str:
        return QFileDialog.getExistingDirectory(self, self.tr("Export to"), first)

    def _ended(self, files: list[str], reason: str) -> None:
        if files:
            names = ", ".join(Path(file).name for file in files)
            count = counted(len(files), self.tr("1 file"), self.tr("%n files", "", len(files)))
            text = self.tr("{0} exported to {1}: {2}").format(count, Path(files[0]).parent, names)
            self._context.wrote(text, files[-1])
        if self._exporting is self._clip:
            self._exported += files
        self._exporting = None
        self._refresh()
        if reason:
            self._context.error(self.tr("Export"), reason, "")

    def _refresh(self) -> None:
        self.handle.set_files([*self._written, *self._exported])
        there = bool(self.handle.files)
        self.folder_button.setEnabled(there)
        self.folder_button.setToolTip("" if there else self.tr("No result of this clip has been written yet."))
        self.export_button.setEnabled(bool(self._results) and not self._export.busy)
        self.export_button.setToolTip(
            self.tr("An export is being written.")
            if self._export.busy
            else self.tr("Write the answers to files")
            if self._results
            else self.tr("There is no answer to export yet.")
        )

    def _reveal(self) -> None:
        if self.handle.files:
            reveal_or_say(self.handle.files[-1], self._context.say)


def _button(text: str, name: str) -> QToolButton:
    button = QToolButton(toolButtonStyle=Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setText(text)
    button.setIcon(icon(name))
    # By Tab, too: a tool button is passed over otherwise only where the system says so.
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
