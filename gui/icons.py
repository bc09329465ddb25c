"""Icons as lines, drawn in the palette's text colour whenever they are shown: right in light and dark, at any size."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QLabel, QWidget

# Bodies on a ground of 24 x 24; COLOUR is put in as they are drawn.
_BODIES = {
    "play": '<path d="M7 4.5v15l12-7.5z" fill="COLOUR"/>',
    "pause": '<path d="M7 5h3.4v14H7zM13.6 5H17v14h-3.4z" fill="COLOUR" stroke="none"/>',
    "run": '<path d="M13.5 2.5 4.5 13.5H11l-1.5 8 9.5-11.5h-6.5z" fill="COLOUR"/>',
    "loop": '<path d="M4 12V9.5a3 3 0 0 1 3-3h12M16 3.5l3 3-3 3M20 12v2.5a3 3 0 0 1-3 3H5M8 20.5l-3-3 3-3"/>',
    "zoom-in": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5 21 21M7.5 10.5h6M10.5 7.5v6"/>',
    "zoom-out": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5 21 21M7.5 10.5h6"/>',
    "fit": '<path d="M3.5 4v16M20.5 4v16M7 12h10M9.5 9 6.5 12l3 3M14.5 9l3 3-3 3"/>',
    "open": '<path d="M6 3h8l5 5v13H6zM14 3v5h5"/><path d="M10.5 17.5v-5.5l4-1v5"/>'
    '<circle cx="9.3" cy="17.3" r="1.2"/><circle cx="13.3" cy="16" r="1.2"/>',
    "folder": '<path d="M3 6.5V19h18V8.5h-9.5l-2-2z"/>',
    "paste": '<path d="M8 5H5.5v16h13V5H16"/><path d="M8.5 3h7v4h-7z"/>',
    "classify": '<path d="M4 6h15M4 12h9M4 18h5" stroke-width="3.2"/>',
    "tag": '<path d="M3.5 4h8l9 9-7.5 7.5-9.5-9z"/><circle cx="8" cy="8.5" r="1.4"/>',
    "infill": '<path d="M3 9.5v5M6 6.5v11M18 6.5v11M21 9.5v5"/>'
    '<path d="M9.5 10v4M12 7.5v9M14.5 10v4" stroke-dasharray="1.6 1.8"/>',
    "continue": '<path d="M3 9.5v5M6 6.5v11M9 9v6M12.5 12h8M17 8.5l3.5 3.5-3.5 3.5"/>',
    "generate": '<path d="M12 3l1.9 5.6L19.5 10.5l-5.6 1.9L12 18l-1.9-5.6L4.5 10.5l5.6-1.9z"/>'
    '<path d="M19 16v5M16.5 18.5h5"/>',
    "keep": '<path d="M6.5 3.5h11V20.5L12 16l-5.5 4.5z"/>',
    "save": '<path d="M12 3.5V15M7.5 10.5 12 15l4.5-4.5M5 16v4.5h14V16"/>',
    "dice": '<rect x="4" y="4" width="16" height="16" rx="3.5"/><g fill="COLOUR" stroke="none">'
    '<circle cx="8.6" cy="8.6" r="1.5"/><circle cx="15.4" cy="8.6" r="1.5"/><circle cx="12" cy="12" r="1.5"/>'
    '<circle cx="8.6" cy="15.4" r="1.5"/><circle cx="15.4" cy="15.4" r="1.5"/></g>',
    "more": '<g fill="COLOUR" stroke="none"><circle cx="5.5" cy="12" r="1.8"/><circle cx="12" cy="12" r="1.8"/>'
    '<circle cx="18.5" cy="12" r="1.8"/></g>',
    "between": '<circle cx="5" cy="12" r="2.6"/><circle cx="19" cy="12" r="2.6"/>'
    '<path d="M10 12h.1M12 12h.1M14 12h.1"/>',
    "train": '<path d="M3.5 3.5v17h17"/><path d="M7 7c1.5 6 5 9.5 12.5 10"/>',
    "models": '<path d="M12 3l9 4.5-9 4.5-9-4.5zM3 12l9 4.5 9-4.5M3 16.5 12 21l9-4.5"/>',
    "settings": '<path d="M4 7h9M18 7h2M4 17h2M11 17h9"/><circle cx="15.5" cy="7" r="2.5"/>'
    '<circle cx="8.5" cy="17" r="2.5"/>',
    "close": '<path d="M6 6l12 12M18 6 6 18" stroke-width="2.2"/>',
    "cancel": '<path d="M8.2 3.5h7.6l4.7 4.7v7.6l-4.7 4.7H8.2l-4.7-4.7V8.2zM9 9l6 6M15 9l-6 6"/>',
    "retry": '<path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.4M19.5 3v4.5H15"/>',
    "remove": '<path d="M4 6.5h16M9 6.5V4h6v2.5M6 6.5l1 14h10l1-14M10 10.5v6M14 10.5v6"/>',
    "up": '<path d="M12 20V5M5.5 11 12 4.5 18.5 11"/>',
    "down": '<path d="M12 4v15M5.5 13l6.5 6.5L18.5 13"/>',
    "export": '<path d="M12 15V3.5M7.5 8 12 3.5 16.5 8M5 12v8.5h14V12"/>',
    "compare": '<path d="M12 3v18M3 8.5h5M3 12h3M3 15.5h5M16 8.5h5M18 12h3M16 15.5h5"/>',
    "waiting": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5l3.5 2"/>',
    "done": '<path d="M4.5 12.5 9.5 17.5 19.5 6.5" stroke-width="2.2"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.5M12 7.2v.8"/>',
    "warning": '<path d="M12 3.5 21.5 20h-19zM12 10v4.5M12 16.8v.7"/>',
}
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><g fill="none" stroke="COLOUR" stroke-width="1.8" '
    'stroke-linecap="round" stroke-linejoin="round">BODY</g></svg>'
)
_PLATE = '<rect width="24" height="24" rx="4" fill="GROUND" stroke="none"/>'
_APP = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><defs><linearGradient id="g" x1="0" y1="1" x2="0" '
    'y2="0"><stop offset="0" stop-color="#2b0b4e"/><stop offset="0.5" stop-color="#b5367a"/>'
    '<stop offset="1" stop-color="#fec287"/></linearGradient></defs>'
    '<rect x="2" y="2" width="60" height="60" rx="13" fill="#15101f"/>'
    '<g fill="url(#g)"><rect x="10" y="36" width="6" height="18" rx="2"/><rect x="19" y="24" width="6" height="30" '
    'rx="2"/><rect x="28" y="12" width="6" height="42" rx="2"/><rect x="37" y="28" width="6" height="26" rx="2"/>'
    '<rect x="46" y="18" width="6" height="36" rx="2"/></g></svg>'
)


class _Lines(QIconEngine):
    """Draws an icon in the colour that the application's palette has at that moment."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self._body = body

    def clone(self) -> QIconEngine:
        return _Lines(self._body)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        group = QPalette.ColorGroup.Disabled if mode == QIcon.Mode.Disabled else QPalette.ColorGroup.Active
        # What is switched on has a ground: a pressed button alone is hardly told from others, in the dark above all.
        on = state == QIcon.State.On and mode != QIcon.Mode.Disabled
        lit = on or mode == QIcon.Mode.Selected
        role = QPalette.ColorRole.HighlightedText if lit else QPalette.ColorRole.ButtonText
        colour = QGuiApplication.palette().color(group, role).name()
        ground = QGuiApplication.palette().color(group, QPalette.ColorRole.Highlight).name() if on else ""
        side = min(rect.width(), rect.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(rect).center())
        # Lists show an icon in each row: reading the drawing each time would take most of a scroll.
        ratio = painter.device().devicePixelRatioF()
        key = f"{self._body} {colour} {ground} {side} {ratio}"
        drawn = QPixmapCache.find(key)
        if drawn is None:
            drawn = QPixmap(QSize(side, side) * ratio)
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            plate = _PLATE.replace("GROUND", ground) if ground else ""
            svg = _SVG.replace("BODY", plate + self._body).replace("COLOUR", colour)
            with QPainter(drawn) as brush:
                QSvgRenderer(QByteArray(svg.encode())).render(brush, QRectF(0, 0, side, side))
            QPixmapCache.insert(key, drawn)
        painter.drawPixmap(square.topLeft(), drawn)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        drawn = QPixmap(size)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return drawn


class Sign(QLabel):
    """An icon that stands for itself, in the colours of light or dark as they change.

    Args:
        name: one of `NAMES`.
        lines: its height in lines of text.
        parent: Qt parent.
    """

    def __init__(self, name: str, lines: float = 1.0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = lines
        self.set_name(name)

    def set_name(self, name: str) -> None:
        """Shows another icon."""
        self._name = name
        side = round(self._lines * self.fontMetrics().height())
        self.setPixmap(icon(name).pixmap(QSize(side, side), self.devicePixelRatio()))

    def changeEvent(self, event: QEvent) -> None:
        """Draws it anew where the colours or the letters are others."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self.set_name(self._name)


NAMES = tuple(_BODIES)


def icon(name: str) -> QIcon:
    """An icon.

    Args:
        name: one of `NAMES`; or a drawing of one's own, SVG elements on a ground of 24 x 24, such as `<path d=.../>`.

    Raises:
        KeyError: there is none of that name.
    """
    return QIcon(_Lines(name if name.startswith("<") else _BODIES[name]))


def app_icon() -> QIcon:
    """The application's own, in colours of a spectrogram."""
    made = QIcon()
    renderer = QSvgRenderer(QByteArray(_APP.encode()))
    for side in (16, 24, 32, 48, 64, 128, 256):
        drawn = QPixmap(side, side)
        drawn.fill(Qt.GlobalColor.transparent)
        painter = QPainter(drawn)
        renderer.render(painter)
        painter.end()
        made.addPixmap(drawn)
    return made
