"""Marks that all views draw alike: 8-bit pictures, what is not known, marked stretches, selection and cursor."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPalette

LINE = 3
"""Pixels that a line at one moment is wide."""

_DASHES = Qt.BrushStyle.Dense4Pattern


def line(painter: QPainter, area: QRect, x: int) -> None:
    """A line that is seen on any ground, whatever the palette: 1 px light over 3 px dark.

    Args:
        painter: in logical pixels.
        area: the line goes from its top to its bottom.
        x: its middle.
    """
    painter.fillRect(QRect(x - LINE // 2, area.top(), LINE, area.height()), QColor(0, 0, 0))
    painter.fillRect(QRect(x, area.top(), 1, area.height()), QColor(255, 255, 255))


def selection(
    painter: QPainter, area: QRect, left: int, right: int, reach: int, palette: QPalette, shaded: bool
) -> None:
    """What is selected: a handle at each edge, and between them a shade, or bars where colours are values.

    Args:
        painter: in logical pixels.
        area: the time area.
        left: pixel at which it starts.
        right: pixel at which it ends.
        reach: how near to an edge the mouse takes hold of it, in pixels.
        palette: of the view.
        shaded: shade what is between; False leaves the colours of a picture as they are, but for bars along its edges.
    """
    colour = palette.color(QPalette.ColorRole.Highlight)
    between = QRect(left, area.top(), right - left, area.height())
    if shaded:
        shade = QColor(colour)
        shade.setAlphaF(0.3)
        painter.fillRect(between, shade)
    else:
        bar = max(LINE, reach // 2)
        painter.fillRect(between.adjusted(0, 0, 0, bar - between.height()), colour)
        painter.fillRect(between.adjusted(0, between.height() - bar, 0, 0), colour)
    width, height = max(LINE, reach) | 1, min(4 * reach, area.height() // 2)
    for x in (left, right):
        line(painter, area, x)
        handle = QRect(x - width // 2, area.center().y() - height // 2, width, height)
        painter.fillRect(handle.adjusted(-1, -1, 1, 1), QColor(0, 0, 0))
        painter.fillRect(handle, colour)
        painter.fillRect(QRect(x, handle.top() + 2, 1, height - 4), QColor(255, 255, 255))


def stretch(painter: QPainter, area: QRect, left: int, right: int, height: int, palette: QPalette) -> None:
    """A stretch that is marked: dashed lines, light on dark, along its edges, and between them a hatched band on top.

    Args:
        painter: in logical pixels.
        area: the time area.
        left: pixel at which it starts.
        right: pixel at which it ends.
        height: of the band; it is at least as wide, so that the shortest stretch is found at any zoom.
        palette: of the view.
    """
    for x in {left, right}:
        painter.fillRect(QRect(x, area.top(), 1, area.height()), QColor(0, 0, 0))
        painter.fillRect(QRect(x, area.top(), 1, area.height()), QBrush(QColor(255, 255, 255), _DASHES))
    missing = max(0, height - (right - left))
    band = QRect(left - missing // 2, area.top(), right - left + missing + 1, min(height, area.height()))
    painter.fillRect(band, palette.color(QPalette.ColorRole.Highlight))
    painter.fillRect(band, QBrush(palette.color(QPalette.ColorRole.HighlightedText), Qt.BrushStyle.BDiagPattern))
    painter.setPen(QColor(0, 0, 0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(band)


def draw_indexed(painter: QPainter, area: QRect, pixels: np.ndarray, colours: list[int], ratio: float) -> None:
    """Draws a picture that has just the pixels of its place.

    Args:
        painter: in logical pixels.
        area: its place.
        pixels: uint8 (height, width) in device pixels, contiguous.
        colours: 0xAARRGGBB by value.
        ratio: device pixels per logical pixel.
    """
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, width, QImage.Format.Format_Indexed8)
    image.setColorTable(colours)
    # Looking up the colours first is twice as fast as leaving it to the painter.
    looked_up = image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    looked_up.setDevicePixelRatio(ratio)
    painter.drawImage(area.topLeft(), looked_up)


def hatch(painter: QPainter, area: QRect, unknown: np.ndarray, palette: QPalette) -> None:
    """Hatches the columns of a time area of which nothing is known (yet).

    Args:
        painter: in logical pixels.
        area: the time area.
        unknown: bool (columns,), evenly over the area.
        palette: of the view.
    """
    bounds = np.flatnonzero(np.diff(np.r_[False, unknown, False])) * area.width() / len(unknown)
    for left, right in bounds.reshape(-1, 2):
        rect = QRectF(area.left() + left, area.top(), right - left, area.height())
        painter.fillRect(rect, palette.color(QPalette.ColorRole.Base))
        painter.fillRect(rect, QBrush(palette.color(QPalette.ColorRole.Mid), Qt.BrushStyle.BDiagPattern))
