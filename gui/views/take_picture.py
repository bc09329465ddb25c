"""The picture of a take: small, with a line where it plays, and to be dragged out of the window as a file."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QApplication, QWidget

from ..core.colours import COLOUR_MAPS, packed
from ..core.take_picture import pixels
from ..file_mime import mime_of
from . import marks

_SHAPE = 2.6
"""Width by height."""


class TakePicture(QWidget):
    """Shows a picture, if there is one, from edge to edge.

    Args:
        parent: Qt parent.
    """

    chosen = Signal()
    """It was clicked, or has the keyboard."""

    activated = Signal()
    """It was clicked twice, or Enter was pressed."""

    dragged = Signal()
    """The mouse draws it away; `drag` gives it the file to take along."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._levels: np.ndarray | None = None
        self._pixels: np.ndarray | None = None
        self._colours = COLOUR_MAPS[0]
        self._place = -1.0
        self._pressed = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_levels(self, levels: np.ndarray | None) -> None:
        """Shows another picture.

        Args:
            levels: as `core.take_picture.levels` makes them; None: nothing yet.
        """
        self._levels, self._pixels = levels, None
        self.setCursor(Qt.CursorShape.ArrowCursor if levels is None else Qt.CursorShape.OpenHandCursor)
        self.update()

    def set_colours(self, name: str) -> None:
        """Other colours; one of `core.colours.COLOUR_MAPS`."""
        self._colours = name
        self.update()

    def set_place(self, share: float) -> None:
        """Where it plays, 0 to 1 of its length; below 0, nowhere."""
        if self._x(share) != self._x(self._place):
            for at in (self._place, share):
                self.update(QRect(self._x(at) - marks.LINE, 0, 2 * marks.LINE, self.height()))
        self._place = share

    def sizeHint(self) -> QSize:
        """Enough to tell one from another."""
        height = 5 * self.fontMetrics().height()
        return QSize(round(_SHAPE * height), height)

    def minimumSizeHint(self) -> QSize:
        """No narrower than high."""
        return QSize(self.sizeHint().height(), self.sizeHint().height())

    def drag(self, file: str) -> None:
        """Lets the mouse take a file along until it is dropped."""
        drag = QDrag(self)
        drag.setMimeData(mime_of([file]))
        drag.setPixmap(self.grab().scaledToHeight(3 * self.fontMetrics().height()))
        drag.exec(Qt.DropAction.CopyAction)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Picture, line and focus."""
        painter, area = QPainter(self), self.rect()
        painter.fillRect(area, self.palette().color(QPalette.ColorRole.Base))
        if self._levels is not None:
            ratio = self.devicePixelRatioF()
            width, height = (max(1, round(side * ratio)) for side in (area.width(), area.height()))
            if self._pixels is None or self._pixels.shape != (height, width):
                self._pixels = pixels(self._levels, width, height)
            marks.draw_indexed(painter, area, self._pixels, packed(self._colours), ratio)
            if self._place >= 0:
                marks.line(painter, area, self._x(self._place))
        if self.hasFocus():
            pen = QPen(self.palette().color(QPalette.ColorRole.Accent))
            pen.setWidth(2)
            painter.setPen(pen)
            painter.drawRect(area.adjusted(1, 1, -1, -1))

    def changeEvent(self, event: QEvent) -> None:
        """Larger letters make it larger."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.updateGeometry()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Who comes by Tab wants to see it."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.chosen.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Chooses it, and remembers where a drag may have begun."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position().toPoint()
            self.chosen.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags once the mouse has been moved far enough."""
        if self._pressed is None or self._levels is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if (event.position().toPoint() - self._pressed).manhattanLength() >= QApplication.startDragDistance():
            self._pressed = None
            self.dragged.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """It was a click."""
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Plays."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.activated.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter plays; all else belongs to the window's actions."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit()
        else:
            super().keyPressEvent(event)

    def _x(self, share: float) -> int:
        return round(share * (self.width() - 1)) if share >= 0 else -marks.LINE
