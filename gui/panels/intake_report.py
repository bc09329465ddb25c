"""The line that says what came of files that were added, with the reason for each that was not."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..core.intake import Intake, Refusal
from ..icons import Sign, icon
from ..intaking import Intaking
from ..words import plain_tip


class IntakeReport(QFrame):
    """A line with buttons while many files are looked at, and when some were skipped; hidden otherwise.

    Args:
        intaking: whose work is reported.
        parent: owner.

    Attributes:
        words: what was said last.
    """

    def __init__(self, intaking: Intaking, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._intaking = intaking
        self._refused: list[Refusal] = []
        self.words = ""
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._sign = Sign("info")
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        self.stop_button = QPushButton(self.tr("Stop"))
        self.stop_button.clicked.connect(intaking.stop)
        self.details_button = QPushButton(self.tr("Details..."))
        self.details_button.clicked.connect(self.show_details)
        self.close_button = QToolButton(autoRaise=True)
        self.close_button.setIcon(icon("close"))
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.close_button.setAccessibleName(self.tr("Close this message"))
        self.close_button.setToolTip(self.tr("Close this message"))
        self.close_button.clicked.connect(self.hide)
        words = QHBoxLayout()
        top = Qt.AlignmentFlag.AlignTop
        words.addWidget(self._sign, 0, top)
        words.addWidget(self._text, 1)
        words.addWidget(self.close_button, 0, top)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.stop_button)
        buttons.addWidget(self.details_button)
        column = QVBoxLayout(self)
        column.addLayout(words)
        column.addLayout(buttons)
        intaking.began.connect(self._go_on)
        intaking.taken.connect(self._go_on)
        intaking.finished.connect(self._tell)
        self.hide()

    def _go_on(self) -> None:
        found = len(self._intaking.total.accepted)
        words = self.tr("Looking for clips: {0:,} found").format(found)
        self._say(words, "open", busy=True)
        # A handful of files is done before anybody could read this.
        if len(self._intaking.total) > 20:
            self.show()

    def _tell(self, intake: Intake) -> None:
        self._refused = intake.refused
        self._say(self.summary(intake), "warning" if intake.refused else "info", busy=False)
        # What went as was wished is said in the status bar, and goes by itself.
        self.setVisible(bool(intake.refused))

    def _say(self, words: str, sign: str, *, busy: bool) -> None:
        self.words = words
        self._text.setText(words)
        self.setAccessibleName(words)
        self._sign.set_name(sign)
        self.stop_button.setVisible(busy)
        self.details_button.setVisible(not busy and bool(self._refused))
        self.close_button.setVisible(not busy)

    def summary(self, intake: Intake) -> str:
        """How many clips were added and how many skipped, in words.

        A single reason is told at once; of many, the first when nothing was added.
        """
        added, skipped = len(intake.accepted), len(intake.refused)
        words = {0: self.tr("No clip added"), 1: self.tr("1 clip added")}.get(
            added, self.tr("{0:,} clips added").format(added)
        )
        if not skipped:
            return words
        first = self._in_words(intake.refused[0])
        if skipped == 1:
            return self.tr("{0}, 1 skipped: {1}").format(words, first)
        words = self.tr("{0}, {1:,} skipped").format(words, skipped)
        known = sum(refusal.known for refusal in intake.refused)
        if known == skipped:
            return self.tr("{0}: all are in the queue already").format(words)
        if known:
            words = self.tr("{0}, {1:,} of them in the queue already").format(words, known)
            first = self._in_words(next(refusal for refusal in intake.refused if not refusal.known))
        return words if added else self.tr("{0}. For example: {1}").format(words, first)

    @staticmethod
    def _in_words(refusal: Refusal) -> str:
        return f"{Path(refusal.path).name or refusal.path}: {refusal.reason}"

    def show_details(self) -> RefusedDialog:
        """Opens the list of what was skipped and why."""
        dialog = RefusedDialog(self._refused, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return dialog


class RefusedDialog(QDialog):
    """What was skipped, and why, to read and to copy.

    Args:
        refused: what was skipped.
        parent: owner.
    """

    def __init__(self, refused: list[Refusal], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._refused = refused
        self.setWindowTitle(self.tr("Skipped"))
        self.list = QTreeWidget(rootIsDecorated=False, alternatingRowColors=True, wordWrap=True)
        self.list.setAccessibleName(self.tr("Skipped files and reasons"))
        self.list.setHeaderLabels([self.tr("File"), self.tr("Reason")])
        self.list.setUniformRowHeights(False)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        for refusal in refused:
            item = QTreeWidgetItem([Path(refusal.path).name or refusal.path, refusal.reason])
            item.setToolTip(0, plain_tip(refusal.path))
            item.setToolTip(1, plain_tip(refusal.reason))
            self.list.addTopLevelItem(item)
        letter = self.fontMetrics().averageCharWidth()
        self.list.setColumnWidth(0, 30 * letter)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        self.copy_button = buttons.addButton(self.tr("Copy list"), QDialogButtonBox.ButtonRole.ActionRole)
        self.copy_button.clicked.connect(self.copy)
        column = QVBoxLayout(self)
        column.addWidget(self.list)
        column.addWidget(buttons)
        self.resize(110 * letter, 24 * self.fontMetrics().height())

    def copy(self) -> None:
        """Copies paths and reasons, a line each."""
        QGuiApplication.clipboard().setText("\n".join(f"{item.path}\t{item.reason}" for item in self._refused))
