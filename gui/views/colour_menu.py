"""The menu of colour maps and level ranges."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QActionGroup, QIcon, QImage, QPixmap
from PySide6.QtWidgets import QMenu, QStyle, QWidget

from ..core.colours import COLOUR_MAPS, packed, title_of

RANGES_DB = ((-100.0, 0.0), (-80.0, 0.0), (-60.0, 0.0), (-40.0, 0.0), (-100.0, -40.0), (-80.0, -20.0))


class ColourMenu(QMenu):
    """Which colours a picture has, and from which level to which.

    Args:
        parent: Qt parent.
    """

    chosen = Signal(str, float, float)
    """Name of the map, and levels of its first and last colour in dB."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._now = (COLOUR_MAPS[0], *RANGES_DB[1])
        side = self.style().pixelMetric(QStyle.PixelMetric.PM_SmallIconSize)
        self.addSection(self.tr("Colours"))
        self._maps = QActionGroup(self)
        for name in COLOUR_MAPS:
            action = self._maps.addAction(_gradient(name, side), title_of(name))
            action.setData(name)
        self.addActions(self._maps.actions())
        self.addSection(self.tr("Levels"))
        self._ranges = QActionGroup(self)
        # A range that was set elsewhere is none of these, and then none is ticked.
        self._ranges.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        for low_db, high_db in RANGES_DB:
            action = self._ranges.addAction(self.tr("{0:.0f} to {1:.0f} dB").format(low_db, high_db))
            action.setData((low_db, high_db))
        self.addActions(self._ranges.actions())
        for action in (*self._maps.actions(), *self._ranges.actions()):
            action.setCheckable(True)
        self._maps.triggered.connect(lambda action: self._choose(action.data(), *self._now[1:]))
        self._ranges.triggered.connect(lambda action: self._choose(self._now[0], *action.data()))

    def set_colours(self, name: str, low_db: float, high_db: float) -> None:
        """Ticks what is in use; arguments as `chosen` says."""
        self._now = (name, low_db, high_db)
        for action in self._maps.actions():
            action.setChecked(action.data() == name)
        for action in self._ranges.actions():
            action.setChecked(tuple(action.data()) == (low_db, high_db))

    def _choose(self, name: str, low_db: float, high_db: float) -> None:
        self.set_colours(name, low_db, high_db)
        self.chosen.emit(name, low_db, high_db)


def _gradient(name: str, side: int) -> QIcon:
    image = QImage(bytes(range(256)), 256, 1, 256, QImage.Format.Format_Indexed8)
    image.setColorTable(packed(name))
    return QIcon(QPixmap.fromImage(image).scaled(side, side))
