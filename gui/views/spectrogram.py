"""The mel spectrogram of a clip: an 8-bit picture whose colours are a table that can be swapped."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import QWidget

from ..axis import Axis
from ..core.colours import COLOUR_MAPS, packed
from ..core.pcm import Clip
from ..core.raster import missing_strip, picture_strip, stretch_rows
from . import marks
from .lane import Lane

# The roundest first: each is drawn unless it would touch one before it.
_TICKS_HZ = (1000, 100, 10000, 500, 5000, 2000, 200, 300, 3000, 15000, 7000, 4000, 700, 1500, 20000, 50)


class Spectrogram(Lane):
    """Level by time and frequency, low frequencies at the bottom, on a mel scale.

    Args:
        axis: as for `Lane`.
        parent: Qt parent.
    """

    pictures = True

    def __init__(self, axis: Axis | None = None, parent: QWidget | None = None) -> None:
        super().__init__("", axis, parent)
        self.setAccessibleName(self.tr("Spectrogram"))
        self._clip: Clip | None = None
        self._colours = (COLOUR_MAPS[0], -80.0, 0.0)
        self._pixels: tuple[np.ndarray, np.ndarray] | None = None

    def set_clip(self, clip: Clip | None) -> None:
        """Shows a clip, or none."""
        self._clip = clip
        self.refresh()

    def set_colours(self, name: str, low_db: float, high_db: float) -> None:
        """Other colours for the same picture.

        Args:
            name: one of `core.colours.COLOUR_MAPS`.
            low_db: level of the first colour, in dB relative to full scale.
            high_db: level of the last colour, likewise.
        """
        self._colours = (name, low_db, high_db)
        self.redraw()

    def refresh(self) -> None:
        """Makes the picture again, too."""
        self._pixels = None
        super().refresh()

    def sizeHint(self) -> QSize:
        """Room to see something."""
        return QSize(40 * self.fontMetrics().height(), 20 * self.fontMetrics().height())

    def gutter_hint(self) -> int:
        """Room for the frequencies."""
        return self.fontMetrics().horizontalAdvance("10 kHz") + 2 * self.fontMetrics().averageCharWidth()

    def paint_layer(self, painter: QPainter, area: QRect) -> None:
        """The picture as far as it is known, and frequencies beside it."""
        painter.fillRect(area, self.palette().color(QPalette.ColorRole.Base))
        if self._clip is None or self._clip.picture.opened is None or self.axis.timeline.span <= 0:
            return
        ratio, line, picture = self.devicePixelRatioF(), self.axis.timeline, self._clip.picture
        if self._pixels is None:
            width, height = max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio))
            strip, known = picture_strip(picture, line.start, line.end, width)
            self._pixels = stretch_rows(strip, height), known & ~missing_strip(picture, line.start, line.end, width)
        pixels, known = self._pixels
        name, low_db, high_db = self._colours
        marks.draw_indexed(painter, area, pixels, packed(name, picture.opened.floor_db, low_db, high_db), ratio)
        marks.hatch(painter, area, ~known, self.palette())
        self._paint_frequencies(painter, area)

    def text_at(self, seconds: float, y: float) -> str:
        """Time, frequency and level under the pointer."""
        if self._clip is None or self._clip.picture.opened is None:
            return ""
        picture, height = self._clip.picture, 1 - (y + 0.5) / self.height()
        level_db = picture.value_db(seconds, int(height * picture.opened.n_mels))
        text = self.tr("{0:.3f} s · {1:,.0f} Hz").format(seconds, picture.hz(height))
        if picture.is_missing(seconds):
            return self.tr("{0} · not a number, heard as silence").format(text)
        return text if level_db is None else self.tr("{0} · {1:.1f} dB").format(text, level_db)

    def _paint_frequencies(self, painter: QPainter, area: QRect) -> None:
        picture, metrics = self._clip.picture, self.fontMetrics()
        gap, height = metrics.averageCharWidth(), metrics.height()
        taken: list[float] = []
        for hz in _TICKS_HZ:
            if not picture.opened.centres_hz[0] <= hz <= picture.opened.centres_hz[-1]:
                continue
            y = area.top() + (1 - picture.row_of_hz(hz)) * area.height()
            inside = area.top() + height / 2 <= y <= area.bottom() - height / 2
            if not inside or any(abs(y - other) < 1.3 * height for other in taken):
                continue
            taken.append(y)
            painter.drawLine(QPointF(area.left() - gap / 2, y), QPointF(area.left() - 1, y))
            text = self.tr("{0:g} kHz").format(hz / 1000) if hz >= 1000 else self.tr("{0} Hz").format(hz)
            label = QRectF(0, y - height / 2, area.left() - gap, height)
            painter.drawText(label, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
