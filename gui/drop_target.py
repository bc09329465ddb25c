"""A main window that takes files from other programs, wherever on it they are dropped, and says so while they hover."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QMainWindow, QWidget

from .intaking import paths_in


class DropTarget(QMainWindow):
    """Takes drops of files, folders and addresses.

    Attributes:
        drop_hint: seen while files are over the window.
    """

    dropped = Signal(list)
    """Paths; comes after the other program was told that they were taken."""

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)
        self.drop_hint = DropHint(self)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and folders may be dropped anywhere."""
        self._consider(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """As `dragEnterEvent`."""
        self._consider(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        self.drop_hint.hide()

    def _consider(self, event: QDragMoveEvent) -> None:
        # What comes from this window is results on their way out.
        if event.source() is None and (event.mimeData().hasUrls() or paths_in(event.mimeData())):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self.drop_hint.show_up()
        else:
            event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Takes what was dropped."""
        self.drop_hint.hide()
        paths = paths_in(event.mimeData())
        if event.source() is None and paths:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            # The file manager waits for the end of this: it need not wait for more.
            QTimer.singleShot(0, self, lambda: self.dropped.emit(paths))


class DropHint(QWidget):
    """A frame around the whole window with words in its middle.

    Args:
        window: to be framed.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        # Neither mouse nor files are ever over this, but over what is below it.
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.words = self.tr("Drop to add")
        self.setAccessibleName(self.words)
        self.hide()
        window.installEventFilter(self)

    def show_up(self) -> None:
        """Comes above everything in the window."""
        if self.isHidden():
            self.setGeometry(self.parentWidget().rect())
            self.raise_()
            self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stays as large as the window."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self.parentWidget().rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """A frame, and words on a ground of their own, since anything may be below them."""
        font = self.font()
        font.setPointSizeF(1.4 * font.pointSizeF())
        font.setBold(True)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            wide = self.fontMetrics().height() / 4
            painter.setPen(QPen(self.palette().highlight().color(), wide))
            painter.drawRect(self.rect().toRectF().adjusted(wide / 2, wide / 2, -wide / 2, -wide / 2))
            painter.setFont(font)
            line = painter.fontMetrics().height()
            plate = QRect(0, 0, painter.fontMetrics().horizontalAdvance(self.words) + 3 * line, 2 * line)
            plate.moveCenter(self.rect().center())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().highlight())
            painter.drawRoundedRect(plate, line / 2, line / 2)
            painter.setPen(self.palette().highlightedText().color())
            painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self.words)
