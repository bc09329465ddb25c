"""A curve over epochs, painted: training and validation, told apart by line and mark as well as by colour."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QStyle, QStyleOptionFocusRect, QWidget

from ..core.curve import best_row, last_epoch_shown, span, tick_text, ticks, tier_pieces
from ..training_words import kept, kept_words
from .chart_marks import paint_above, paint_line, paint_mark

_MARKS_UP_TO = 60
"""Epochs up to which each has a mark of its own; more would run together."""


class Chart(QWidget):
    """One quantity over epochs.

    Args:
        title: what is shown, such as `Loss`.
        key: of the rows; `val_` and this is the validation's.
        parent: Qt parent.
    """

    pointed = Signal(int)
    """Number of the row under the pointer or chosen by keys; -1: none."""

    def __init__(self, title: str, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[dict[str, float]] = ()
        self.epochs = 0
        self.pointer = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.set_measure(title, key)
        self.set_rows((), 0)

    def set_measure(self, title: str, key: str) -> None:
        """Shows another quantity of the same rows; arguments as above."""
        self.title, self.key = title, key
        self.setAccessibleName(self.tr("{0} by epoch").format(title))
        self.update()

    def set_rows(self, rows: Sequence[dict[str, float]], epochs: int) -> None:
        """Shows other rows.

        Args:
            rows: of history.csv, in order.
            epochs: of the whole training.
        """
        self.rows, self.epochs = rows, epochs
        if self.pointer >= len(rows):
            self.pointer = -1
        self._describe()
        self.update()

    def point(self, row: int) -> None:
        """Marks a row and shows its numbers; -1: none."""
        if row != self.pointer:
            self.pointer = row
            self._describe()
            self.update()

    def words(self, row: int) -> str:
        """The numbers of a row, as they are shown and read out."""
        values = self.rows[row]
        parts = [self.tr("tier {0}").format(int(values["tier"]))] if "tier" in values else []
        parts.append(self.tr("epoch {0}").format(int(values["epoch"])))
        for name, key in ((self.tr("training"), self.key), (self.tr("validation"), f"val_{self.key}")):
            if key in values:
                parts.append(f"{name} {values[key]:.4g}")
        return ", ".join(parts)

    def sizeHint(self) -> QSize:
        """Room for axes and some waves."""
        metrics = self.fontMetrics()
        return QSize(metrics.averageCharWidth() * 60, metrics.height() * 14)

    def minimumSizeHint(self) -> QSize:
        """So small that it can just be read."""
        metrics = self.fontMetrics()
        return QSize(metrics.averageCharWidth() * 28, metrics.height() * 8)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Points at the nearest epoch."""
        self._choose(self._row_at(event.position().x()))

    def leaveEvent(self, event: object) -> None:
        """Points at none."""
        self._choose(-1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Points at none."""
        self._choose(-1)
        super().focusOutEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, Home and End go from epoch to epoch."""
        last = len(self.rows) - 1
        here = self.pointer if self.pointer >= 0 else last + 1
        moves = {
            Qt.Key.Key_Left: max(0, here - 1),
            Qt.Key.Key_Right: min(last, here + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
            Qt.Key.Key_Escape: -1,
        }
        if event.key() in moves and self.rows:
            self._choose(moves[event.key()])
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paints axes, both curves, the best epoch and what is pointed at."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Base))
        area = self._area()
        self._paint_heading(painter, area)
        if not self.rows:
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.tr("Comes with the first epoch"))
        else:
            self._paint_axes(painter, area)
            for tier, rows in tier_pieces(self.rows):
                self._paint_best(painter, area, tier, rows)
                self._paint_curve(painter, area, rows, validation=False)
                self._paint_curve(painter, area, rows, validation=True)
            if self.pointer >= 0:
                self._paint_pointer(painter, area)
        if self.hasFocus():
            option = QStyleOptionFocusRect()
            option.initFrom(self)
            self.style().drawPrimitive(QStyle.PrimitiveElement.PE_FrameFocusRect, option, painter, self)

    def _describe(self) -> None:
        """What a screen reader says: the row pointed at, else the last one."""
        if not self.rows:
            text = self.tr("No epoch yet")
        else:
            text = self.words(self.pointer if self.pointer >= 0 else len(self.rows) - 1)
            best = kept_words(self.rows)
            text += f"; {best}" if best else ""
        self.setAccessibleDescription(text)

    def _choose(self, row: int) -> None:
        if row != self.pointer:
            self.point(row)
            self.pointed.emit(row)

    def _row_at(self, x: float) -> int:
        if not self.rows:
            return -1
        area = self._area()
        return min(range(len(self.rows)), key=lambda row: abs(self._x(self.rows[row]["epoch"], area) - x))

    def _area(self) -> QRect:
        """Within the axes."""
        metrics = self.fontMetrics()
        line, char = metrics.height(), metrics.averageCharWidth()
        widest = max(map(metrics.horizontalAdvance, self._heights_text().values()), default=0)
        return self.rect().adjusted(widest + 3 * char, line * 7 // 2, -2 * char, -line * 2)

    def _span(self) -> tuple[float, float]:
        keys = (self.key, f"val_{self.key}")
        return span(row[key] for row in self.rows for key in keys if key in row)

    def _heights_text(self) -> dict[float, str]:
        low, high = self._span()
        room = (self.height() - 6 * self.fontMetrics().height()) // (2 * self.fontMetrics().height())
        values = ticks(low, high, max(2, min(room, 7)))
        step = values[1] - values[0] if len(values) > 1 else 0.1
        return {value: tick_text(value, step) for value in values}

    def _x(self, epoch: float, area: QRect) -> float:
        return area.left() + (epoch - 1) / (last_epoch_shown(self.rows, self.epochs) - 1) * area.width()

    def _y(self, value: float, area: QRect) -> float:
        low, high = self._span()
        return area.bottom() - (value - low) / (high - low) * area.height()

    def _colour(self, validation: bool) -> QColor:
        return self.palette().color(QPalette.ColorRole.Accent if validation else QPalette.ColorRole.Text)

    def _pen(self, validation: bool) -> QPen:
        style = Qt.PenStyle.DashLine if validation else Qt.PenStyle.SolidLine
        return QPen(self._colour(validation), 2.0 if validation else 1.6, style)

    def _paint_axes(self, painter: QPainter, area: QRect) -> None:
        metrics, grey = self.fontMetrics(), self.palette().color(QPalette.ColorRole.PlaceholderText)
        grid = self.palette().color(QPalette.ColorRole.Midlight)
        line, char = metrics.height(), metrics.averageCharWidth()
        for value, text in self._heights_text().items():
            y = self._y(value, area)
            painter.setPen(QPen(grid, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(grey)
            place = QRectF(0, y - line, area.left() - char, 2 * line)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        last = last_epoch_shown(self.rows, self.epochs)
        for epoch in ticks(1, last, max(2, area.width() // (6 * char)), whole=True):
            x = self._x(epoch, area)
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x, area.bottom() + line / 4))
            place = QRectF(x - 5 * char, area.bottom() + line / 4, 10 * char, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{epoch:.0f}")
        painter.drawLine(area.bottomLeft(), area.bottomRight())

    def _paint_heading(self, painter: QPainter, area: QRect) -> None:
        """Title at the left, legend at the right, each name behind a piece of its line."""
        metrics = self.fontMetrics()
        char, line = metrics.averageCharWidth(), metrics.height()
        middle = 0.9 * line
        bold = painter.font()
        bold.setBold(True)
        painter.save()
        painter.setFont(bold)
        painter.setPen(self.palette().color(QPalette.ColorRole.Text))
        painter.drawText(QPointF(char, middle + metrics.ascent() / 2), self.accessibleName())
        painter.restore()
        right = float(area.right())
        for name, validation in ((self.tr("validation"), True), (self.tr("training"), False)):
            left = right - metrics.horizontalAdvance(name)
            painter.setPen(self.palette().color(QPalette.ColorRole.Text))
            painter.drawText(QPointF(left, middle + metrics.ascent() / 2), name)
            piece = left - 6 * char
            painter.setPen(self._pen(validation))
            painter.drawLine(QPointF(piece, middle), QPointF(left - char, middle))
            at = QPointF((piece + left - char) / 2, middle)
            paint_mark(painter, self, at, self._colour(validation), validation)
            right = piece - 2 * char

    def _paint_curve(
        self, painter: QPainter, area: QRect, rows: Sequence[Mapping[str, float]], validation: bool
    ) -> None:
        """Of one tier: no line leads to the next, whose losses are of other elements."""
        key = f"val_{self.key}" if validation else self.key
        piece: list[QPointF] = []
        points: list[QPointF] = []
        painter.setPen(self._pen(validation))
        for row in rows:
            value = row.get(key, math.nan)
            if math.isfinite(value):
                piece.append(QPointF(self._x(row["epoch"], area), self._y(value, area)))
                continue
            painter.drawPolyline(QPolygonF(piece))
            points, piece = points + piece, []
        painter.drawPolyline(QPolygonF(piece))
        points += piece
        for point in points if len(self.rows) <= _MARKS_UP_TO else points[-1:]:
            paint_mark(painter, self, point, self._colour(validation), validation)

    def _paint_best(self, painter: QPainter, area: QRect, tier: int, rows: Sequence[Mapping[str, float]]) -> None:
        """A line at the epoch that is kept, named; of several tiers, the tier is named above its piece."""
        best = best_row(rows)
        if best is not None:
            paint_line(painter, self, area, self._x(best["epoch"], area))
        if tier:
            middle = (self._x(rows[0]["epoch"], area) + self._x(rows[-1]["epoch"], area)) / 2
            paint_above(painter, self, area, middle, self.tr("tier {0}").format(tier))
        elif best is not None:
            paint_above(painter, self, area, self._x(best["epoch"], area), kept(best))

    def _paint_pointer(self, painter: QPainter, area: QRect) -> None:
        metrics, text = self.fontMetrics(), self.words(self.pointer)
        x = self._x(self.rows[self.pointer]["epoch"], area)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Text), 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        box = QRectF(metrics.boundingRect(text)).adjusted(0, 0, 2 * metrics.averageCharWidth(), metrics.height() / 2)
        beside = metrics.averageCharWidth()
        left = x + beside if x < area.center().x() else x - beside - box.width()
        box.moveTopLeft(QPointF(max(left, area.left()), area.top() - box.height()))
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.setBrush(self.palette().color(QPalette.ColorRole.ToolTipBase))
        painter.drawRect(box)
        painter.setPen(self.palette().color(QPalette.ColorRole.ToolTipText))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
