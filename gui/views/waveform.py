"""The waveform of a clip: lowest and highest sample of each pixel, single samples when near."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPalette, QPen
from PySide6.QtWidgets import QWidget

from ..axis import Axis
from ..core.pcm import Clip
from ..core.raster import missing_strip, peak_strip
from . import marks
from .lane import Lane

_TICKS = (1.0, 0.5, 0.0, -0.5, -1.0)


class Waveform(Lane):
    """Amplitude along time, full scale 1.

    Args:
        axis: as for `Lane`.
        parent: Qt parent.
    """

    def __init__(self, axis: Axis | None = None, parent: QWidget | None = None) -> None:
        super().__init__("", axis, parent)
        self.setAccessibleName(self.tr("Waveform"))
        self._clip: Clip | None = None

    def set_clip(self, clip: Clip | None) -> None:
        """Shows a clip, or none."""
        self._clip = clip
        self.refresh()

    def sizeHint(self) -> QSize:
        """A strip of some lines of text."""
        return QSize(40 * self.fontMetrics().height(), 6 * self.fontMetrics().height())

    def gutter_hint(self) -> int:
        """Room for the amplitudes."""
        return self.fontMetrics().horizontalAdvance("−1.00") + self.fontMetrics().averageCharWidth()

    def paint_layer(self, painter: QPainter, area: QRect) -> None:
        """Scale, and the sound as far as it is known."""
        painter.fillRect(area, self.palette().color(QPalette.ColorRole.Base))
        line = self.axis.timeline
        if self._clip is not None and self._clip.picture.opened is not None and line.span > 0:
            if self._clip.pcm is not None and line.seconds_per_pixel * self._clip.pcm.sample_rate < 1:
                self._paint_samples(painter, area)
            else:
                self._paint_peaks(painter, area)
        self._paint_scale(painter, area)

    def text_at(self, seconds: float, y: float) -> str:
        """Time, and the samples under the pointer."""
        text = self.tr("{0:.3f} s").format(seconds)
        if self._clip is None or self._clip.pcm is None:
            return text
        if self._clip.picture.is_missing(seconds):
            return self.tr("{0} · not a number, heard as silence").format(text)
        width = max(1, round(self.axis.timeline.seconds_per_pixel * self._clip.pcm.sample_rate))
        # Of a long clip in view a pixel is minutes: a moment is enough for words.
        samples = self._clip.pcm.read(int(seconds * self._clip.pcm.sample_rate), min(width, 1 << 16)) / 32767
        if width == 1:
            return self.tr("{0} · amplitude {1:.3f}").format(text, samples[0])
        return self.tr("{0} · amplitude {1:.3f} to {2:.3f}").format(text, samples.min(), samples.max())

    def _y(self, value: float, area: QRect) -> float:
        return area.top() + (1 - value) / 2 * (area.height() - 1) + 0.5

    def _paint_scale(self, painter: QPainter, area: QRect) -> None:
        metrics = self.fontMetrics()
        painter.setPen(self.palette().color(QPalette.ColorRole.Mid))
        painter.drawLine(QPointF(area.left(), self._y(0, area)), QPointF(area.right() + 1, self._y(0, area)))
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        ticks = _TICKS if area.height() > 7 * metrics.height() else _TICKS[::2]
        for tick in ticks if area.height() > 3 * metrics.height() else (0.0,):
            top = min(max(self._y(tick, area) - metrics.height() / 2, 0), area.height() - metrics.height())
            label = QRectF(0, top, area.left() - metrics.averageCharWidth() / 2, metrics.height())
            painter.drawText(label, Qt.AlignmentFlag.AlignRight, f"{tick:.1f}".replace("-", "−"))

    def _paint_peaks(self, painter: QPainter, area: QRect) -> None:
        ratio, line = self.devicePixelRatioF(), self.axis.timeline
        width, height = max(1, round(area.width() * ratio)), max(1, round(area.height() * ratio))
        peaks = peak_strip(self._clip.picture, self._clip.pcm, line.start, line.end, width)
        known = ~np.isnan(peaks[:, 0]) & ~missing_strip(self._clip.picture, line.start, line.end, width)
        # At least one pixel high, so that silence is a line and not a hole.
        edges = np.rint((1 - np.where(known[:, None], peaks, 0)) / 2 * (height - 1)).astype(np.int32)
        rows = np.arange(height, dtype=np.int32)[:, None]
        pixels = ((rows >= edges[:, 1]) & (rows <= edges[:, 0]) & known).view(np.uint8)
        marks.hatch(painter, area, ~known, self.palette())
        colours = [0, self.palette().color(QPalette.ColorRole.Link).rgba()]
        marks.draw_indexed(painter, area, pixels, colours, ratio)

    def _paint_samples(self, painter: QPainter, area: QRect) -> None:
        line, pcm = self.axis.timeline, self._clip.pcm
        width = max(1, round(area.width() * self.devicePixelRatioF()))
        marks.hatch(painter, area, missing_strip(self._clip.picture, line.start, line.end, width), self.palette())
        first = int(line.start * pcm.sample_rate)
        count = max(0, min(int(line.end * pcm.sample_rate) + 2, pcm.samples) - first)
        points = [
            QPointF(self.x_of((first + i) / pcm.sample_rate), self._y(value / 32767, area))
            for i, value in enumerate(pcm.read(first, count).tolist())
        ]
        painter.save()
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Link), 1.2))
        painter.drawPolyline(points)
        painter.restore()
