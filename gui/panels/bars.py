"""Probabilities as bars with numbers, in a table that keys reach and screen readers read."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QGuiApplication, QKeySequence, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionFocusRect,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from ..words import plain_tip

Index = QModelIndex | QPersistentModelIndex

VALUE = Qt.ItemDataRole.UserRole
"""Role of the probability itself, a float."""

_WIDEST = "<0.001"


def number(probability: float) -> str:
    """A probability to three places; what is neither 0 nor 1 is not rounded to it."""
    if 0 < probability < 0.0005:
        return _WIDEST
    if 0.9995 <= probability < 1:
        return ">0.999"
    return f"{probability:.3f}"


class BarsModel(QAbstractTableModel):
    """Labels and their probabilities, likeliest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[tuple[str, float]] = []

    def set_rows(self, rows: Sequence[tuple[str, float]]) -> None:
        """Shows labels with probabilities, in this order."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        """One for each label."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        """Label and probability."""
        return 0 if parent.isValid() else 2

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text, number and what screen readers say of a cell."""
        if not index.isValid():
            return None
        label, probability = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return number(probability) if index.column() else " ".join(label.split())
        if role == VALUE:
            return probability
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{label} {number(probability)}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{label} {number(probability)}")
        if role == Qt.ItemDataRole.FontRole and index.row() == 0:
            bold = QFont()
            bold.setBold(True)
            return bold
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Names of the columns; ranks for the rows."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return section + 1
        return (self.tr("Label"), self.tr("Probability"))[section]


class _BarDelegate(QStyledItemDelegate):
    """Draws the number, then a bar that would fill its frame at 1."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        gap = option.fontMetrics.horizontalAdvance(" ")
        text = QRectF(option.rect).adjusted(gap, 0, 0, 0)
        text.setWidth(_number_width(option))
        painter.save()
        painter.setFont(option.font)
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        painter.drawText(text, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, option.text)
        thick = option.fontMetrics.xHeight() * 1.2
        frame = QRectF(option.rect).adjusted(text.width() + 3 * gap, 0, -2 * gap, 0)
        frame.setTop(frame.center().y() - thick / 2)
        frame.setHeight(thick)
        if frame.width() > 0:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(option.palette.color(QPalette.ColorRole.Midlight))
            painter.drawRoundedRect(frame, thick / 4, thick / 4)
            frame.setWidth(max(1.0, frame.width() * min(1.0, index.data(VALUE))))
            painter.setBrush(option.palette.color(QPalette.ColorRole.Accent))
            painter.drawRoundedRect(frame, thick / 4, thick / 4)
        painter.restore()
        if option.state & QStyle.StateFlag.State_HasFocus:
            focus = QStyleOptionFocusRect()
            focus.rect, focus.palette, focus.state = option.rect, option.palette, option.state
            option.widget.style().drawPrimitive(QStyle.PrimitiveElement.PE_FrameFocusRect, focus, painter)


def _number_width(option: QStyleOptionViewItem) -> int:
    """Of the widest number in bold, so that all bars begin in one line."""
    bold = QFont(option.font)
    bold.setBold(True)
    return QFontMetrics(bold).horizontalAdvance(_WIDEST)


class Bars(QTableView):
    """The answer of one model: a row per label with number and bar. Ctrl+C copies the numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = BarsModel(self)
        self.setModel(self._rows)
        self.setItemDelegateForColumn(1, _BarDelegate(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        # A selected row's ground has the colour of the bars.
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().hide()
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(1)
        self._set_row_height()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    @property
    def rows(self) -> list[tuple[str, float]]:
        """Labels and probabilities as they are shown."""
        return self._rows.rows

    def set_rows(self, rows: Sequence[tuple[str, float]]) -> None:
        """Shows labels with probabilities.

        Args:
            rows: likeliest first.
        """
        self._rows.set_rows(rows)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """All rows, and labels as long as most are."""
        return QSize(30 * self.fontMetrics().averageCharWidth(), len(self.rows) * self._row_height())

    def minimumSizeHint(self) -> QSize:
        """A few rows; the others are scrolled."""
        return QSize(self.sizeHint().width(), min(4, len(self.rows)) * self._row_height())

    def sizeHintForColumn(self, column: int) -> int:
        """Labels leave half of the room to the bars, however long they are."""
        return min(super().sizeHintForColumn(column), self.viewport().width() // 2)

    def changeEvent(self, event: QEvent) -> None:
        """Another font needs rows of another height."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._set_row_height()

    def _row_height(self) -> int:
        return round(1.7 * self.fontMetrics().height())

    def _set_row_height(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self._row_height())

    def keyPressEvent(self, event) -> None:
        """Copies all rows as text with tabs, for a spreadsheet."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText("\n".join(f"{label}\t{value:.6f}" for label, value in self.rows))
        else:
            super().keyPressEvent(event)
