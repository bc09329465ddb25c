"""Questions that do not hold up the window: each calls back when it is answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from fstmuse.audio.decode import AUDIO_SUFFIXES

Then = Callable[[str], object]


def ask_folder(parent: QWidget, title: str, start: str, then: Then) -> None:
    """Asks for a folder that is there.

    Args:
        parent: of the dialog.
        title: of the dialog.
        start: folder to begin in.
        then: called with the path; not when the user gives up.
    """
    dialog = QFileDialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    _open(dialog, then)


def ask_sounds(
    parent: QWidget, title: str, start: str, then: Callable[[list[str]], object], *, several: bool = True
) -> None:
    """Asks for sound files that are there.

    Args:
        parent: of the dialog.
        title: of the dialog.
        start: folder to begin in.
        then: called with their paths, one at least; not when the user gives up.
        several: more than one may be chosen.
    """
    dialog = QFileDialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles if several else QFileDialog.FileMode.ExistingFile)
    dialog.setOption(QFileDialog.Option.HideNameFilterDetails)  # each suffix twice
    translate = QCoreApplication.translate
    named = ", ".join(suffix.removeprefix(".") for suffix in sorted(AUDIO_SUFFIXES))
    # Upper and lower case, since some systems tell them apart.
    patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in sorted(AUDIO_SUFFIXES))
    dialog.setNameFilters(
        [translate("Asking", "Sound: {0} ({1})").format(named, patterns), translate("Asking", "All files (*)")]
    )
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.filesSelected.connect(lambda paths: paths and then(paths))
    dialog.open()


def ask_target(parent: QWidget, title: str, proposal: str, kinds: str, then: Then) -> None:
    """Asks for a file to write; the dialog itself asks whether one that is there may be replaced.

    Args:
        parent: of the dialog.
        title: of the dialog.
        proposal: path to begin with.
        kinds: filter, such as `ONNX (*.onnx)`.
        then: called with the path; not when the user gives up.
    """
    dialog = QFileDialog(parent, title, str(Path(proposal).parent), kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    # Added by the dialog, so that it asks about the file that will be written.
    if suffix := re.search(r"\*\.(\w+)\)$", kinds):
        dialog.setDefaultSuffix(suffix[1])
    dialog.selectFile(Path(proposal).name)
    _open(dialog, then)


def ask_to(parent: QWidget, title: str, question: str, more: str, verb: str, then: Callable[[], object]) -> QMessageBox:
    """Asks whether to do what cannot be undone. Enter and Escape leave it be.

    Args:
        parent: of the dialog.
        title: of the dialog.
        question: what would be done.
        more: what comes of it.
        verb: on the button that does it.
        then: called when that button is pressed.

    Returns:
        The dialog, open.
    """
    box = QMessageBox(QMessageBox.Icon.Warning, title, question, QMessageBox.StandardButton.Cancel, parent)
    box.setInformativeText(more)
    box.setTextFormat(Qt.TextFormat.PlainText)
    doing = box.addButton(verb, QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    box.setEscapeButton(QMessageBox.StandardButton.Cancel)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    doing.clicked.connect(lambda: then())
    box.open()
    return box


def _open(dialog: QFileDialog, then: Then) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda path: path and then(path))
    dialog.open()
