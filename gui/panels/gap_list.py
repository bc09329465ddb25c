"""The gaps of a clip that are to be filled: a table, and buttons that add, find and remove them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..core.timeline import clock
from ..finding import Finding
from ..gap_words import reason_words, width_words
from ..icons import icon
from ..views.flow import Flow
from ..words import Words, plain_tip

_SHOWN = 6  # rows; more are scrolled


@dataclass(frozen=True, order=True)
class Marked:
    """A gap.

    Args:
        start_s: where it begins, in s.
        end_s: where it ends, in s.
        reason: why it was found, as `fstmuse.audio.dropouts.Dropout` has it; empty where it was marked by hand.
    """

    start_s: float
    end_s: float
    reason: str = ""

    @property
    def span(self) -> tuple[float, float]:
        """Start and end in s."""
        return self.start_s, self.end_s


class GapList(QWidget):
    """Shows the gaps of one clip and lets them be changed.

    Args:
        parent: Qt parent.

    Attributes:
        gaps: in order of time.
        table: a row for each.
        add: adds the selection, or puts it in the place of the chosen gap that it overlaps.
        find: has dropouts looked for.
        remove: removes the chosen gaps.
        note: what the search does, or what it came to; hidden while there is nothing to tell.
        finding: looks for dropouts.
    """

    edited = Signal()
    """`gaps` are others now, by the user."""

    chosen = Signal(float, float)
    """Start and end, in s, of the gap that the user has chosen in the table."""

    told = Signal(str)
    """What a search for dropouts came to, in words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gaps: list[Marked] = []
        self._path = ""
        self._selection: tuple[float, float] | None = None
        self.finding = Finding(self)
        self.table = _Table()
        self.table.setColumnCount(4)
        self.table.setHorizontalHeaderLabels([self.tr("Start"), self.tr("End"), self.tr("Width"), self.tr("Found as")])
        self.table.setAccessibleName(self.tr("Gaps to fill"))
        self.add = QPushButton(self.tr("Add gap"))
        self.find = QPushButton(icon("infill"), self.tr("Find dropouts"))
        self.remove = QPushButton(icon("remove"), self.tr("Remove"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table)
        buttons = QWidget()
        row = Flow(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        for button in (self.add, self.find, self.remove):
            button.setAutoDefault(False)
            row.addWidget(button)
        column.addWidget(buttons)
        self.note = Words(selectable=True)
        column.addWidget(self.note)
        self.add.clicked.connect(self._add)
        self.find.clicked.connect(self._find)
        self.finding.found.connect(self._take_found)
        self.finding.failed.connect(lambda why: self._tell(self.tr("Dropouts cannot be looked for. {0}").format(why)))
        self.remove.clicked.connect(self._remove)
        self.table.delete_pressed.connect(self._remove)
        self.table.itemSelectionChanged.connect(self._chosen)
        self._tell("")

    def set_clip(self, path: str, gaps: Iterable[Marked]) -> None:
        """Shows the gaps of another clip; none of them is chosen.

        Args:
            path: of the clip; empty for none.
            gaps: that are marked in it.
        """
        self._path = path
        self._show(gaps)
        self.stop()

    def stop(self) -> None:
        """Gives up a search for dropouts, and says nothing more of one."""
        self.finding.stop()
        self._tell("")

    def set_selection(self, selection: tuple[float, float] | None) -> None:
        """Says what is selected in the views, start and end in s."""
        self._selection = selection if self._path else None
        self._enable()

    @property
    def rows(self) -> list[int]:
        """Places of the gaps that are chosen in the table."""
        return sorted({index.row() for index in self.table.selectionModel().selectedRows()})

    def _show(self, gaps: Iterable[Marked]) -> None:
        self.gaps = sorted(gaps)
        self.table.blockSignals(True)
        self.table.setRowCount(len(self.gaps))
        for row, gap in enumerate(self.gaps):
            width = width_words(gap.end_s - gap.start_s)
            texts = (clock(gap.start_s), clock(gap.end_s), width, reason_words(gap.reason))
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                right = Qt.AlignmentFlag.AlignRight if column < 3 else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(right | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
        self.table.clearSelection()
        self.table.setCurrentItem(None)
        self.table.blockSignals(False)
        self.table.setColumnHidden(3, not any(gap.reason for gap in self.gaps))
        self.table.setVisible(bool(self.gaps))
        self.table.updateGeometry()

    def _replaced(self) -> int:
        """Place of the gap that the selection would change; -1: it would be a new one."""
        rows = self.rows
        if self._selection is None or len(rows) != 1:
            return -1
        gap, (start, end) = self.gaps[rows[0]], self._selection
        return rows[0] if start < gap.end_s and gap.start_s < end else -1

    def _add(self) -> None:
        if self._selection is None:
            return
        place, gap = self._replaced(), Marked(*self._selection)
        kept = [other for number, other in enumerate(self.gaps) if number != place and other.span != gap.span]
        self._show([*kept, gap])
        self._tell("")
        self.edited.emit()

    def _remove(self) -> None:
        rows = self.rows
        if rows:
            self._show([gap for row, gap in enumerate(self.gaps) if row not in rows])
            self._tell("")
            self.edited.emit()

    def _find(self) -> None:
        if self._path:
            self.finding.start(self._path)
            self._tell(self.tr("Dropouts are being looked for."))

    def _take_found(self, found: list[tuple[float, float, str]]) -> None:
        known = {gap.span for gap in self.gaps}
        new = [Marked(*one) for one in found if one[:2] not in known]
        self._show([*self.gaps, *new])
        if not found:
            words = self.tr("No dropout was found: the sound breaks off nowhere. Mark what you hear by hand.")
        elif not new:
            words = self.tr("No dropouts were found but those that are marked.")
        else:
            words = self.tr("Dropouts found: {0}.").format(len(new))
        self._tell(words)
        self.told.emit(words)
        if new:
            self.edited.emit()

    def _tell(self, words: str) -> None:
        self.note.setText(words)
        self.note.setVisible(bool(words))
        self._enable()

    def _chosen(self) -> None:
        self._enable()
        rows = self.rows
        if len(rows) == 1:
            self.chosen.emit(*self.gaps[rows[0]].span)

    def _enable(self) -> None:
        selection = self._selection
        there = selection is not None and any(gap.span == selection for gap in self.gaps)
        self.add.setEnabled(selection is not None and not there)
        change = not there and self._replaced() >= 0
        self.add.setText(self.tr("Change gap") if change else self.tr("Add gap"))
        self.add.setToolTip(
            self.tr("Drag over the spectrogram to select what is missing; its edges can be dragged.")
            if selection is None
            else self.tr("What is selected is a gap already.")
            if there
            else self.tr("Put the selection in the place of the chosen gap")
            if change
            else self.tr("Keep the selection as a gap, to mark several")
        )
        self.find.setEnabled(bool(self._path) and not self.finding.busy)
        self.find.setToolTip(
            self.tr("Looks where the sound breaks off into silence, one held value or what is no number")
        )
        self.remove.setEnabled(bool(self.rows))
        self.remove.setToolTip(self.tr("Take the chosen gaps off the list (Del)"))


class _Table(QTableWidget):
    """As tall as its rows, up to a few; keeps the Delete key, which removes clips elsewhere."""

    delete_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(round(1.5 * self.fontMetrics().height()))
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setMinimumSectionSize(0)

    def event(self, event: QEvent) -> bool:
        """The Delete key is for this list."""
        if event.type() == QEvent.Type.ShortcutOverride and event.key() == Qt.Key.Key_Delete:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes."""
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """Its rows, up to a few."""
        rows = min(_SHOWN, self.rowCount()) * self.verticalHeader().defaultSectionSize()
        height = self.horizontalHeader().sizeHint().height() + rows + 2 * self.frameWidth()
        return QSize(super().sizeHint().width(), height)

    def minimumSizeHint(self) -> QSize:
        """As tall as it is, and narrower."""
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())
