"""Columns beside each other as far as there is room, else below one another: nobody scrolls sideways to compare."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QStyle, QWidget

_NARROWEST = 30
"""Characters that a column needs."""


class SideBySide(QScrollArea):
    """Some widgets of equal width, scrolled up and down.

    Args:
        parent: owner.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._columns: list[QWidget] = []
        self._beside = 0
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        # Tab goes on to what is in it, and that scrolls into view.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        inner = QWidget()
        self._grid = QGridLayout(inner)
        self._grid.setContentsMargins(0, 0, 0, 0)
        letter = self.fontMetrics().averageCharWidth()
        self._grid.setHorizontalSpacing(2 * letter)
        self._grid.setVerticalSpacing(2 * letter)
        self.setWidget(inner)

    def set_columns(self, columns: Sequence[QWidget]) -> None:
        """Shows columns in place of those that were there, which are let go of.

        Args:
            columns: in their order.
        """
        for column in self._columns:
            self._grid.removeWidget(column)
            column.hide()
            column.deleteLater()
        self._columns = list(columns)
        self._place()
        # Widgets made later come last by themselves, behind what stands below them.
        before: QWidget = self
        for column in columns:
            for widget in column.findChildren(QWidget):
                if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                    self.setTabOrder(before, widget)
                    before = widget

    def minimumSizeHint(self) -> QSize:
        """A column beside a scroll bar; the same whether there is an answer in it or not."""
        needed = _NARROWEST * self.fontMetrics().averageCharWidth() + self._extent()
        return QSize(needed, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """As many beside each other as there is room for."""
        super().resizeEvent(event)
        if self._fitting() != self._beside:
            self._place()

    def _fitting(self) -> int:
        # With the room for a scroll bar left out at all times, one that comes or goes moves nothing.
        gap = self._grid.horizontalSpacing()
        fitting = (self.width() - self._extent() + gap) // (_NARROWEST * self.fontMetrics().averageCharWidth() + gap)
        return max(1, min(len(self._columns), fitting))

    def _extent(self) -> int:
        return self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self)

    def _place(self) -> None:
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)
        for column in range(self._grid.columnCount()):
            self._grid.setColumnStretch(column, 0)
        self._beside = self._fitting()
        for place, column in enumerate(self._columns):
            self._grid.addWidget(column, *divmod(place, self._beside))
        for column in range(self._beside):
            self._grid.setColumnStretch(column, 1)
        self._grid.setRowStretch(self._grid.rowCount(), 1)
