"""The ruler above the views: round times, as close together as their labels allow."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from ..axis import Axis
from ..core.timeline import clock, tick_label
from .lane import Lane

_MINOR = 5
"""Parts of a step between two labels."""


class Ruler(Lane):
    """Times along the axis.

    Args:
        axis: as for `Lane`.
        parent: Qt parent.
    """

    marks_shown = False  # they would hide the times; the views right below have them

    def __init__(self, axis: Axis | None = None, parent: QWidget | None = None) -> None:
        super().__init__("", axis, parent)
        self.setAccessibleName(self.tr("Time ruler"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """One line of labels above ticks."""
        return QSize(self.minimumSizeHint().width(), round(1.7 * self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        """As high as it ever gets."""
        return QSize(super().minimumSizeHint().width(), round(1.7 * self.fontMetrics().height()))

    def paint_layer(self, painter: QPainter, area: QRect) -> None:
        """Labels left of long ticks, short ticks between."""
        metrics, line = self.fontMetrics(), self.axis.timeline
        gap = metrics.averageCharWidth()
        step, ticks = line.ticks(metrics.horizontalAdvance("00:00:00.0") + 2 * gap)
        if not ticks:
            return
        painter.setClipRect(area)
        bottom = area.bottom() + 1.0
        long, short = bottom - 0.6 * area.height(), bottom - 0.2 * area.height()
        for i in range(-_MINOR, _MINOR * len(ticks)):
            x = self.x_of(ticks[0] + i * step / _MINOR)
            painter.drawLine(QPointF(x, long if i % _MINOR == 0 else short), QPointF(x, bottom))
        for tick in (ticks[0] - step, *ticks):
            text, left = tick_label(tick, step), self.x_of(tick) + gap / 2
            # A label that the edge would cut off reads as another time.
            if tick >= 0 and area.left() <= left <= area.right() - metrics.horizontalAdvance(text):
                label = QRectF(left, area.top(), area.width(), metrics.height())
                painter.drawText(label, Qt.AlignmentFlag.AlignLeft, text)

    def text_at(self, seconds: float, y: float) -> str:
        """The time under the pointer."""
        return clock(seconds)
