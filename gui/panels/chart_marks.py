"""What a chart marks: epochs of its curves, and names above its axes."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QWidget


def paint_mark(painter: QPainter, chart: QWidget, at: QPointF, colour: QColor, validation: bool) -> None:
    """A disc for training, an empty square for validation."""
    reach = chart.fontMetrics().height() / 5
    painter.save()
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(chart.palette().color(QPalette.ColorRole.Base) if validation else colour)
    if validation:
        painter.drawRect(QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach))
    else:
        painter.drawEllipse(at, reach * 0.8, reach * 0.8)
    painter.restore()


def paint_line(painter: QPainter, chart: QWidget, area: QRect, x: float) -> None:
    """A dotted line at an epoch."""
    painter.setPen(QPen(chart.palette().color(QPalette.ColorRole.PlaceholderText), 1, Qt.PenStyle.DotLine))
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))


def paint_above(painter: QPainter, chart: QWidget, area: QRect, x: float, text: str) -> None:
    """A name above the axes, in the middle over `x` as far as there is room."""
    metrics = chart.fontMetrics()
    width = metrics.horizontalAdvance(text)
    left = min(max(x - width / 2, area.left()), area.right() - width)
    painter.setPen(chart.palette().color(QPalette.ColorRole.Text))
    painter.drawText(QPointF(left, area.top() - metrics.descent()), text)
