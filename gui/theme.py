"""Light and dark: palettes of our own in Qt's Fusion style, the same on every system, changed while the window runs."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from .settings import Settings

_LIGHT = {
    "Window": "#f2f2f4",
    "WindowText": "#1b1d21",
    "Base": "#ffffff",
    "AlternateBase": "#f4f5f8",
    "Text": "#1b1d21",
    "Button": "#e9eaee",
    "ButtonText": "#1b1d21",
    "BrightText": "#b3261e",
    "ToolTipBase": "#fffbe6",
    "ToolTipText": "#1b1d21",
    "PlaceholderText": "#646a75",
    "Highlight": "#2460c8",
    "HighlightedText": "#ffffff",
    "Accent": "#2460c8",
    "Link": "#1c55b8",
    "LinkVisited": "#7a3ea8",
    "Light": "#ffffff",
    "Midlight": "#e2e4e9",
    "Mid": "#b4b8c1",
    "Dark": "#8d929d",
    "Shadow": "#5c606a",
}
_DARK = {
    "Window": "#2f3137",
    "WindowText": "#e7e9ee",
    "Base": "#18191c",
    "AlternateBase": "#1f2125",
    "Text": "#e7e9ee",
    "Button": "#3b3e46",
    "ButtonText": "#e7e9ee",
    "BrightText": "#ff8a80",
    "ToolTipBase": "#3a3d44",
    "ToolTipText": "#f1f2f5",
    "PlaceholderText": "#9aa0ac",
    "Highlight": "#3f7be0",
    "HighlightedText": "#ffffff",
    "Accent": "#6c9cf0",
    "Link": "#8ab4ff",
    "LinkVisited": "#c9a2f2",
    "Light": "#50545e",
    "Midlight": "#454851",
    "Mid": "#5b606b",
    "Dark": "#121316",
    "Shadow": "#08090a",
}
_FADED = {"light": "#9196a1", "dark": "#8a8f9a"}
_FADED_ROLES = ("WindowText", "Text", "ButtonText", "HighlightedText")


def palette(name: str) -> QPalette:
    """Our palette.

    Args:
        name: `light` or `dark`.
    """
    made = QPalette()
    for role, colour in (_DARK if name == "dark" else _LIGHT).items():
        made.setColor(QPalette.ColorRole[role], QColor(colour))
    for role in _FADED_ROLES:
        made.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole[role], QColor(_FADED[name]))
    made.setColor(QPalette.ColorGroup.Disabled, QPalette.ColorRole.Highlight, made.color(QPalette.ColorRole.Mid))
    return made


_OUTLINED = ("QCheckBox", "QListWidget")
_OUTLINES = {"light": "#b4b9c4", "dark": "#c3cad8"}


def outlined(name: str) -> QPalette:
    """Palette of widgets whose outlines are to be seen against `Base`.

    Fusion makes outlines from the colour of the window, darker by far: black on black in the dark. These widgets have
    no other use for that colour.

    Args:
        name: `light` or `dark`.
    """
    made = palette(name)
    made.setColor(QPalette.ColorRole.Window, QColor(_OUTLINES[name]))
    return made


def of_menus(name: str) -> QPalette:
    """As `outlined`; in the dark on a lighter ground, too, from which lines between groups stand out."""
    made = outlined(name)
    if name == "dark":
        made.setColor(QPalette.ColorRole.Base, made.color(QPalette.ColorRole.Button))
    return made


def is_dark(shown: QPalette) -> bool:
    """Whether a palette has light text on a dark ground."""
    return shown.color(QPalette.ColorRole.Window).lightness() < shown.color(QPalette.ColorRole.WindowText).lightness()


def contrast(one: QColor, other: QColor) -> float:
    """Contrast ratio of two colours as WCAG 2 defines it: 1 is none, 21 black on white, 4.5 enough for text."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class Theme(QObject):
    """Gives the application the palette that the settings ask for, now and whenever they or the system change.

    Args:
        app: the application.
        settings: `theme` is read.
        parent: Qt parent.
    """

    def __init__(self, app: QApplication, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app, self._settings = app, settings
        if app.style().name().lower() != "fusion":
            app.setStyle("Fusion")
        settings.changed.connect(self._setting_changed)
        app.styleHints().colorSchemeChanged.connect(self._apply)
        self._told: Qt.ColorScheme | None = None
        self._apply()

    @property
    def name(self) -> str:
        """`light` or `dark`, as shown."""
        if self._settings.theme != "system":
            return self._settings.theme
        return "dark" if self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"

    def _setting_changed(self, name: str) -> None:
        if name == "theme":
            self._apply()

    def _apply(self) -> None:
        schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
        scheme = schemes.get(self._settings.theme, Qt.ColorScheme.Unknown)
        if scheme != self._told:
            # Window frames and file dialogs that the system draws follow this; Unknown is "as the system has it".
            self._told = scheme
            self._app.styleHints().setColorScheme(scheme)
        shown = palette(self.name)
        if self._app.palette() != shown:
            self._app.setPalette(shown)
            self._app.setPalette(of_menus(self.name), "QMenu")
            for kind in _OUTLINED:
                self._app.setPalette(outlined(self.name), kind)
