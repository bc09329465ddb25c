"""What all views along time share: the axis, a layer that is drawn once, selection, cursor, mouse and keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from ..axis import Axis
from ..words import plain_tip
from . import marks
from .pointer import Grip, Pointer

_NOTCH = 120
"""Units of a wheel's angle that are one notch."""

_ZOOM_PER_NOTCH = 1.25
_PAN_PER_NOTCH = 0.1  # of the view
_EXTEND = 0.01  # of the view


class Lane(QWidget):
    """A view along time: a column of labels at the left, the time area right of it.

    What stands still is drawn by `paint_layer` into a pixmap and again only after `refresh`;
    marks, selection and cursor are drawn over it, and a moving cursor repaints two narrow strips.

    Args:
        title: what it shows, for screen readers.
        axis: shared with other views; None: one of its own until it joins a stack.
        parent: Qt parent.
    """

    marks_shown = True
    """Stretches that a page marks are marked here, too."""

    pictures = False
    """Colours are values here, and nothing is laid over them."""

    pointed = Signal(str)
    """What lies under the pointer, in words; empty when it has left."""

    def __init__(self, title: str, axis: Axis | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer = QPixmap()
        self._stale = True
        self._cursor_x = -1
        self._pointer = Pointer(self.fontMetrics().averageCharWidth(), QApplication.startDragDistance() / 2)
        self._own_axis = Axis(self)
        self.axis = axis or self._own_axis
        self._connect()
        self.setAccessibleName(title)
        self.setAccessibleDescription(self.tr("Arrow keys move along time, Shift and arrow keys select."))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        # The layer covers every pixel, so that Qt need not clear what is behind it.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    # To be given by each view

    def paint_layer(self, painter: QPainter, area: QRect) -> None:
        """Draws labels and contents, in logical pixels; the ground is there already.

        Args:
            painter: on the layer.
            area: the time area.
        """
        raise NotImplementedError

    def text_at(self, seconds: float, y: float) -> str:
        """What is shown at a moment in s and a height in pixels from the top; empty for nothing."""
        raise NotImplementedError

    def label_at(self, y: float) -> str:
        """The label at a height in pixels from the top, for a tool tip where it is cut off; empty for none."""
        return ""

    def gutter_hint(self) -> int:
        """Pixels that the labels at the left need."""
        return 0

    def margin_hint(self) -> int:
        """Pixels that are needed right of the time area."""
        return 0

    # Geometry

    def set_axis(self, axis: Axis | None) -> None:
        """Joins the axis of other views, or with None leaves it."""
        self.axis.viewChanged.disconnect(self.refresh)
        self.axis.selectionChanged.disconnect(self.update)
        self.axis.marksChanged.disconnect(self.update)
        self.axis.cursorChanged.disconnect(self._cursor_moved)
        self.axis = axis or self._own_axis
        self._connect()
        self.refresh()

    def time_rect(self) -> QRect:
        """The time area, in logical pixels."""
        return QRect(self.axis.left, 0, max(1, self.width() - self.axis.left - self.axis.right), self.height())

    def x_of(self, seconds: float) -> float:
        """Pixels from the left edge of the widget at which a moment stands."""
        return self.axis.left + self.axis.timeline.x(seconds)

    def seconds_at(self, x: float) -> float:
        """The moment at pixel `x` of the widget, in s."""
        return self.axis.timeline.seconds(x - self.axis.left)

    def minimumSizeHint(self) -> QSize:
        """Room for a line of text and a little time."""
        return QSize(self.gutter_hint() + 8 * self.fontMetrics().height(), 2 * self.fontMetrics().height())

    # Painting

    def refresh(self) -> None:
        """Draws all again: contents, stretch of time or size have changed."""
        self.redraw()

    def redraw(self) -> None:
        """Draws the same contents again, in other colours."""
        self._stale = True
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The layer, and over it marks, selection, cursor and focus."""
        if self._stale or self._layer.devicePixelRatio() != self.devicePixelRatioF():
            self._draw_layer()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._layer)
        area = self.time_rect()
        if self.axis.duration > 0:
            painter.save()
            painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
            for start, end in self.axis.marked if self.marks_shown else ():
                left, right = round(self.x_of(start)), round(self.x_of(end))
                if right >= area.left() and left <= area.right():
                    marks.stretch(painter, area, left, right, self.fontMetrics().height() // 2, self.palette())
            if self.axis.selection is not None:
                left, right = (round(self.x_of(edge)) for edge in self.axis.selection)
                reach = round(self._pointer.reach)
                marks.selection(painter, area, left, right, reach, self.palette(), not self.pictures)
            self._cursor_x = self._x_of_cursor()
            marks.line(painter, area, self._cursor_x)
            painter.restore()
        if self.hasFocus():
            width = max(2, self.fontMetrics().lineWidth() + 1)
            painter.setPen(QPen(self.palette().color(QPalette.ColorRole.Highlight), width))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(area).adjusted(width / 2, width / 2, -width / 2, -width / 2))

    def _draw_layer(self) -> None:
        ratio = self.devicePixelRatioF()
        size = (QSize(self.size()).toSizeF() * ratio).toSize().expandedTo(QSize(1, 1))
        if self._layer.size() != size:
            self._layer = QPixmap(size)
        self._layer.setDevicePixelRatio(ratio)
        self._layer.fill(self.palette().color(QPalette.ColorRole.Window))
        painter = QPainter(self._layer)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        self.paint_layer(painter, self.time_rect())
        painter.end()
        self._stale = False

    # What changes on the axis

    def _x_of_cursor(self) -> int:
        x = round(self.x_of(self.axis.cursor))
        # At the very end it stands on the last pixels, not behind them.
        return min(x, self.time_rect().right() - 1) if self.axis.cursor <= self.axis.timeline.end else x

    def _connect(self) -> None:
        self.axis.viewChanged.connect(self.refresh)
        self.axis.selectionChanged.connect(self.update)
        self.axis.marksChanged.connect(self.update)
        self.axis.cursorChanged.connect(self._cursor_moved)

    def _cursor_moved(self) -> None:
        x = self._x_of_cursor()
        if x == self._cursor_x:
            return
        for at in (self._cursor_x, x):
            self.update(QRect(at - marks.LINE // 2, 0, marks.LINE, self.height()))

    def resizeEvent(self, event: QEvent) -> None:
        """A view's width is that of the axis."""
        self.axis.set_width(self.time_rect().width())
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        """Palette, font and style decide how all is drawn."""
        super().changeEvent(event)
        kinds = (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange)
        if event.type() in kinds:
            self._pointer.reach = self.fontMetrics().averageCharWidth()
            self.refresh()

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Left selects, seeks or takes a handle; middle, or left with Ctrl, moves the view."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        middle = event.button() == Qt.MouseButton.MiddleButton
        inside = event.position().x() >= self.axis.left and self.axis.duration > 0
        if not inside or not (middle or event.button() == Qt.MouseButton.LeftButton):
            return super().mousePressEvent(event)
        self._pointer.press(self.axis, event.position().x() - self.axis.left, middle or control)
        self._show_cursor(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drags what is held and tells what is under the pointer."""
        self._pointer.move(self.axis, event.position().x() - self.axis.left)
        self._show_cursor(event.position().x())
        self.pointed.emit(self._text_at(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends what the press began."""
        self._pointer.release(self.axis, event.position().x() - self.axis.left)
        self._show_cursor(event.position().x())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Selects all."""
        if event.button() == Qt.MouseButton.LeftButton and event.position().x() >= self.axis.left:
            self._pointer.double(self.axis)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        self.pointed.emit("")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms at the pointer; with Shift, or sideways, moves the view."""
        delta, line = event.angleDelta(), self.axis.timeline
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        # Some systems turn Shift and wheel into a sideways wheel themselves.
        sideways = delta.x() if abs(delta.x()) > abs(delta.y()) else delta.y() if shift else 0
        if sideways:
            self.axis.pan(-sideways / _NOTCH * _PAN_PER_NOTCH * line.span)
        elif delta.y():
            self.axis.zoom(_ZOOM_PER_NOTCH ** (delta.y() / _NOTCH), self.seconds_at(event.position().x()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Tool tips follow the pointer, and two fingers zoom."""
        if event.type() == QEvent.Type.ToolTip:
            text = self._text_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), plain_tip(text), self) if text else QToolTip.hideText()
            return True
        if event.type() == QEvent.Type.NativeGesture and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.axis.zoom(1 + event.value(), self.seconds_at(event.position().x()))
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears the selection, Shift and arrows extend it; all else belongs to the window's actions."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(event.key(), 0)
        if event.key() == Qt.Key.Key_Escape and self.axis.selection is not None:
            self.axis.clear_selection()
        elif step and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.axis.extend(step * _EXTEND * self.axis.timeline.span)
        else:
            super().keyPressEvent(event)

    def _text_at(self, position: QPointF) -> str:
        if position.x() < self.axis.left:
            return self.label_at(position.y())
        inside = self.time_rect().contains(position.toPoint())
        return self.text_at(self.seconds_at(position.x()), position.y()) if inside and self.axis.duration > 0 else ""

    def _show_cursor(self, x: float) -> None:
        grip = self._pointer.held
        if grip is Grip.NOTHING and x >= self.axis.left:
            grip = self._pointer.grip_at(self.axis, x - self.axis.left)
        shapes = {
            Grip.START: Qt.CursorShape.SizeHorCursor,
            Grip.END: Qt.CursorShape.SizeHorCursor,
            Grip.VIEW: Qt.CursorShape.ClosedHandCursor,
            Grip.TIME: Qt.CursorShape.CrossCursor,
        }
        self.setCursor(shapes.get(grip, Qt.CursorShape.ArrowCursor))
