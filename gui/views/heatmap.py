"""Probabilities along time: a row for each label, in colours and, where there is room, in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPalette, QStaticText, QWheelEvent
from PySide6.QtWidgets import QScrollBar, QStyle, QWidget

from ..axis import Axis
from ..core.colours import COLOUR_MAPS, packed, table
from ..core.raster import window_borders, window_strip
from . import marks
from .lane import Lane

_SHOWN_ROWS = 10
"""Up to so many rows are never scrolled."""

_LABEL_CHARACTERS = 22
"""Longer labels are cut; a tool tip has all of them."""

_NUMBERS = 400
"""Numbers that are written at most: drawing text takes longer than all else."""

_BRIGHTNESS = np.array([0.299, 0.587, 0.114])
"""Shares of red, green and blue in what the eye takes for bright."""


class HeatMap(Lane):
    """Values between 0 and 1 by label and time.

    Args:
        labels: names of the rows, the first on top.
        times_s: (windows, 2) start and end in s, rising; windows that overlap meet in the middle of that.
        values: (windows, labels), 0 to 1.
        title: what they are, such as a model's name: for screen readers, in tool tips and above the rows of one
            heat map among several (`show_title`).
        axis: as for `Lane`.
        parent: Qt parent.
    """

    pictures = True

    def __init__(
        self,
        labels: Sequence[str],
        times_s: np.ndarray,
        values: np.ndarray,
        title: str = "",
        axis: Axis | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", axis, parent)
        self.title = title
        self.setAccessibleName(self.tr("Probabilities along time: {0}").format(title or ", ".join(labels)))
        self._bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._bar.setCursor(Qt.CursorShape.ArrowCursor)
        self._bar.valueChanged.connect(self.redraw)
        self._colours = COLOUR_MAPS[0]
        self._titled = False
        self._texts: tuple[QFont, list[tuple[QStaticText, QPointF]]] | None = None
        self.set_values(labels, times_s, values)

    def set_values(self, labels: Sequence[str], times_s: np.ndarray, values: np.ndarray) -> None:
        """Shows other values; arguments as for the class."""
        self.labels = tuple(" ".join(label.split()) for label in labels)
        self._times_s = np.asarray(times_s, np.float64).reshape(-1, 2)
        self._values = np.asarray(values, np.float32).reshape(len(self._times_s), len(self.labels))
        self._borders = window_borders(self._times_s) if len(self._times_s) else np.zeros(1)
        self.updateGeometry()
        self._place_bar()
        self.refresh()

    def show_title(self, shown: bool) -> None:
        """Writes the title above the rows, so that heat maps below one another can be told apart, or leaves it out."""
        if shown != self._titled:
            self._titled = shown
            self.updateGeometry()
            self.refresh()

    def set_colour_map(self, name: str) -> None:
        """Other colours, by name in `core.colours.COLOUR_MAPS`."""
        self._colours = name
        self.redraw()

    def sizeHint(self) -> QSize:
        """All rows, or so many as are not scrolled."""
        rows = min(len(self.labels), _SHOWN_ROWS) * self._least_row()
        return QSize(40 * self.fontMetrics().height(), rows + self._top())

    def minimumSizeHint(self) -> QSize:
        """As `sizeHint` in height."""
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def gutter_hint(self) -> int:
        """Room for the longest label, up to a limit."""
        metrics = self.fontMetrics()
        longest = max((metrics.horizontalAdvance(label) for label in self.labels), default=0)
        return min(longest, _LABEL_CHARACTERS * metrics.averageCharWidth()) + 2 * metrics.averageCharWidth()

    def margin_hint(self) -> int:
        """Room for the scroll bar of many rows."""
        extent = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self)
        return extent if len(self.labels) > _SHOWN_ROWS else 0

    def paint_layer(self, painter: QPainter, area: QRect) -> None:
        """Rows, their labels and, where there is room, their numbers."""
        line, area = self.axis.timeline, area.adjusted(0, self._top(), 0, 0)
        if line.span > 0 and len(self._times_s):
            ratio = self.devicePixelRatioF()
            width, height = max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio))
            edges = np.linspace(line.start, line.end, width + 1)
            strip = window_strip(self._values, self._borders[:-1], self._borders[-1], edges)
            rows = ((np.arange(height) + 0.5) / ratio + self._bar.value()) / self._row_height()
            shades = np.rint(255 * np.clip(np.nan_to_num(strip), 0, 1)).astype(np.uint8)
            pixels = shades[np.minimum(rows.astype(np.intp), len(self.labels) - 1)]
            marks.draw_indexed(painter, area, pixels, packed(self._colours), ratio)
            marks.hatch(painter, area, np.isnan(strip[0]), self.palette())
            self._paint_numbers(painter, area)
        else:
            painter.fillRect(area, self.palette().color(QPalette.ColorRole.Base))
        self._paint_labels(painter, area)
        self._paint_title(painter, area)

    def text_at(self, seconds: float, y: float) -> str:
        """Time, label and probability under the pointer."""
        window, row = self._window_at(seconds), self._row_at(y)
        if window is None or row is None:
            return ""
        text = self.tr("{0:.3f} s · {1} · {2:.1%}").format(seconds, self.labels[row], self._values[window, row])
        return self.tr("{0} · {1}").format(self.title, text) if self.title else text

    def label_at(self, y: float) -> str:
        """The whole label of a row, or the title."""
        row = self._row_at(y)
        if y < self._top():
            return self.title
        return "" if row is None else self.labels[row]

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Over the labels it scrolls the rows."""
        if event.position().x() < self.axis.left and self._bar.maximum():
            self._bar.setValue(self._bar.value() - round(event.angleDelta().y() / 120 * 3 * self._least_row()))
            event.accept()
        else:
            super().wheelEvent(event)

    def resizeEvent(self, event: QEvent) -> None:
        """The scroll bar stands right of the time area."""
        super().resizeEvent(event)
        self._place_bar()

    def refresh(self) -> None:
        """The margin for the scroll bar may have changed, too."""
        self._place_bar()
        super().refresh()

    def _least_row(self) -> int:
        return round(1.15 * self.fontMetrics().height())

    def _top(self) -> int:
        """Pixels above the rows."""
        return self._least_row() if self._titled and self.title else 0

    def _row_height(self) -> float:
        return max(self._least_row(), (self.height() - self._top()) / max(1, len(self.labels)))

    def _row_at(self, y: float) -> int | None:
        row = int((y - self._top() + self._bar.value()) / self._row_height())
        return row if y >= self._top() and row < len(self.labels) else None

    def _window_at(self, seconds: float) -> int | None:
        if not len(self._times_s) or not self._borders[0] <= seconds <= self._borders[-1]:
            return None
        return int(np.searchsorted(self._borders[:-1], seconds, "right")) - 1

    def _place_bar(self) -> None:
        top, height = self._top(), self.height() - self._top()
        hidden = max(0, round(len(self.labels) * self._least_row()) - height)
        self._bar.setRange(0, hidden)
        self._bar.setPageStep(height)
        self._bar.setSingleStep(self._least_row())
        self._bar.setGeometry(self.width() - self.margin_hint(), top, self.margin_hint(), height)
        self._bar.setVisible(hidden > 0)

    def _visible_rows(self) -> list[tuple[int, QRectF]]:
        height, hidden, top = self._row_height(), self._bar.value(), self._top()
        rows = range(int(hidden / height), min(len(self.labels), int((hidden + self.height() - top) / height) + 1))
        return [(row, QRectF(0, top + row * height - hidden, self.width(), height)) for row in rows]

    def _paint_labels(self, painter: QPainter, area: QRect) -> None:
        gap = self.fontMetrics().averageCharWidth()
        painter.setClipping(False)
        for row, rect in self._visible_rows():
            rect = rect.adjusted(0, 0, area.left() - gap - rect.width(), 0)
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            text = self.fontMetrics().elidedText(self.labels[row], Qt.TextElideMode.ElideRight, int(rect.width()))
            painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
            painter.setPen(self.palette().color(QPalette.ColorRole.Window))
            painter.drawLine(area.left(), round(rect.top()), area.right(), round(rect.top()))

    def _paint_title(self, painter: QPainter, area: QRect) -> None:
        if area.top() > 0:
            painter.setClipping(False)
            # A row that is scrolled goes on below it.
            place = QRect(0, 0, self.width(), area.top())
            painter.fillRect(place, self.palette().color(QPalette.ColorRole.Window))
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            # Most of it is over the labels, where neither cursor nor selection crosses it.
            place.setLeft(self.fontMetrics().averageCharWidth())
            text = self.fontMetrics().elidedText(self.title, Qt.TextElideMode.ElideMiddle, place.width())
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_numbers(self, painter: QPainter, area: QRect) -> None:
        """Probabilities in percent, in the middle of what is seen of each window."""
        line, rows = self.axis.timeline, self._visible_rows()
        starts, ends = self._borders[:-1], self._borders[1:]
        seen = np.flatnonzero((ends > line.start) & (starts < line.end))
        if not rows or len(seen) * len(rows) > _NUMBERS:
            return
        edges = area.left() + (np.stack([starts[seen], ends[seen]]) - line.start) / line.seconds_per_pixel
        left, right = np.clip(edges, area.left(), area.right() + 1)
        roomy = right - left >= self.fontMetrics().horizontalAdvance("100 %")
        middles = ((left + right) / 2)[roomy].tolist()
        values = np.clip(np.nan_to_num(self._values[seen[roomy], rows[0][0] : rows[-1][0] + 1]), 0, 1)
        percents = np.rint(100 * values).astype(int).tolist()
        bright = table(self._colours)[np.rint(255 * values).astype(int)] @ _BRIGHTNESS > 140
        texts = self._percents(painter.font())
        painter.setClipRect(area)
        for ink, cells in ((QColor(0, 0, 0), bright), (QColor(255, 255, 255), ~bright)):
            painter.setPen(ink)
            for window, row in np.argwhere(cells).tolist():
                text, half = texts[percents[window][row]]
                painter.drawStaticText(QPointF(middles[window], rows[row][1].center().y()) - half, text)

    def _percents(self, font: QFont) -> list[tuple[QStaticText, QPointF]]:
        """Texts from 0 to 100 %, laid out once, and half of their sizes."""
        if self._texts is None or self._texts[0] != font:
            texts = [QStaticText(f"{percent}%") for percent in range(101)]
            for text in texts:
                text.setTextFormat(Qt.TextFormat.PlainText)
                text.prepare(font=font)
            self._texts = font, [(text, QPointF(text.size().width(), text.size().height()) / 2) for text in texts]
        return self._texts[1]
