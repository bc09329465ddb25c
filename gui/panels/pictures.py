"""The pictures that a training leaves in its folder, shown as they come."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from ..words import plain_tip


class Picture(QWidget):
    """One picture, as wide as there is room, at most as large as it is.

    Args:
        path: of the file; may come to hold another picture.
        parent: Qt parent.
    """

    def __init__(self, path: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = path
        self.image = QImage()
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Picture {0}").format(Path(path).name))
        self.setToolTip(plain_tip(path))
        self.look()

    def look(self) -> None:
        """Reads the file again; one that is just being written leaves what is shown."""
        image = QImage(self.path)
        if not image.isNull():
            self.image = image
            self.updateGeometry()
            self.update()

    def heightForWidth(self, width: int) -> int:
        """As the picture's own sides are."""
        if self.image.isNull():
            return self.fontMetrics().height()
        return round(min(width, self.image.width()) * self.image.height() / self.image.width())

    def sizeHint(self) -> QSize:
        """Some dozens of letters wide."""
        width = self.fontMetrics().averageCharWidth() * 80
        return QSize(width, self.heightForWidth(width))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws it, smoothly made smaller; or says that there is nothing to draw."""
        painter = QPainter(self)
        if self.image.isNull():
            painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.tr("Cannot be shown"))
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        width = min(self.width(), self.image.width())
        painter.drawImage(QRectF(0, 0, width, self.heightForWidth(width)), self.image)


class Pictures(QScrollArea):
    """All of them, one below the other.

    Args:
        parent: Qt parent.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setAccessibleName(self.tr("Pictures of the training"))
        self._column = QWidget()
        self._layout = QVBoxLayout(self._column)
        self._empty = QLabel(
            self.tr("Spectrograms of some training clips come here; at the end curves, and what the test has shown.")
        )
        self._empty.setWordWrap(True)
        self._layout.addWidget(self._empty)
        self._layout.addStretch(1)
        self.setWidget(self._column)
        self.shown: dict[str, Picture] = {}

    def show_picture(self, path: str) -> None:
        """Shows a picture, or what it has become."""
        self._empty.hide()
        if path in self.shown:
            self.shown[path].look()
            return
        self.shown[path] = Picture(path)
        self._layout.insertWidget(self._layout.count() - 1, self.shown[path])

    def clear(self) -> None:
        """Shows none."""
        for picture in self.shown.values():
            self._layout.removeWidget(picture)
            picture.deleteLater()
        self.shown = {}
        self._empty.show()
