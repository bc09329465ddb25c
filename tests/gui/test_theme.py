"""Light and dark can be read, change live, and icons follow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QListWidget, QListWidgetItem, QMenu, QToolButton, QWidget

import gui
from gui.icons import NAMES, Sign, app_icon, icon
from gui.settings import Settings
from gui.theme import Theme, contrast, is_dark, palette

Role, Group = QPalette.ColorRole, QPalette.ColorGroup


@pytest.fixture
def theme(qapp: QApplication, settings: Settings):
    before, style = qapp.palette(), qapp.style().name()
    made = Theme(qapp, settings)
    yield made
    settings.changed.disconnect(made._setting_changed)
    made.deleteLater()
    qapp.setStyle(style)
    qapp.setPalette(before)
    for kind in ("QMenu", "QCheckBox", "QListWidget"):
        qapp.setPalette(before, kind)


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (Role.WindowText, Role.Window),
        (Role.Text, Role.Base),
        (Role.Text, Role.AlternateBase),
        (Role.ButtonText, Role.Button),
        (Role.HighlightedText, Role.Highlight),
        (Role.ToolTipText, Role.ToolTipBase),
        (Role.PlaceholderText, Role.Base),
        (Role.Link, Role.Window),
        (Role.BrightText, Role.Window),
    ],
)
def test_text_can_be_read(name: str, text: Role, ground: Role) -> None:
    shown = palette(name)
    least = 4.0 if text == Role.HighlightedText else 4.5
    assert contrast(shown.color(text), shown.color(ground)) >= least


@pytest.mark.parametrize("name", ["light", "dark"])
def test_what_cannot_be_chosen_is_fainter_but_visible(name: str) -> None:
    shown = palette(name)
    faint = contrast(shown.color(Group.Disabled, Role.ButtonText), shown.color(Group.Disabled, Role.Button))
    assert 2.0 <= faint < contrast(shown.color(Role.ButtonText), shown.color(Role.Button))


def test_switches_while_the_window_runs(qapp: QApplication, theme: Theme, settings: Settings, qtbot) -> None:
    button = QToolButton()
    button.setIcon(icon("play"))
    qtbot.addWidget(button)
    button.show()
    seen = {}
    for name in ("dark", "light"):
        settings.theme = name
        assert theme.name == name
        assert is_dark(qapp.palette()) == (name == "dark")
        wanted = palette(name).color(Role.Window)
        qtbot.waitUntil(lambda wanted=wanted: button.palette().color(Role.Window) == wanted)
        picture = button.icon().pixmap(64, 64).toImage()
        seen[name] = picture.pixelColor(28, 32)
        assert seen[name].alpha() == 255
    assert seen["dark"].lightness() > 200 > 60 > seen["light"].lightness()


def test_a_sign_follows_too(theme: Theme, settings: Settings, qtbot, qapp: QApplication) -> None:
    settings.theme = "light"
    sign = Sign("play", 4)
    qtbot.addWidget(sign)
    light = sign.pixmap().toImage()
    settings.theme = "dark"
    qapp.processEvents()
    assert sign.pixmap().toImage() != light


def test_the_system_decides_unless_it_is_told(theme: Theme, settings: Settings) -> None:
    settings.theme = "dark"
    settings.theme = "system"
    assert theme.name in ("light", "dark")
    assert theme.name == ("dark" if is_dark(QApplication.palette()) else "light")


@pytest.mark.parametrize("name", NAMES)
def test_every_icon_draws_something(qapp: QApplication, name: str) -> None:
    picture = icon(name).pixmap(24, 24).toImage()
    inked = sum(picture.pixelColor(x, y).alpha() > 100 for x in range(24) for y in range(24))
    assert 20 < inked < 400


def test_no_code_asks_for_an_icon_that_is_not_there() -> None:
    asked = set()
    for file in Path(gui.__file__).parent.rglob("*.py"):
        asked |= set(re.findall(r'\b(?:icon|Sign)\("([a-z-]+)"', file.read_text("utf-8")))
    assert asked <= set(NAMES)
    assert "play" in asked


def test_the_applications_icon_has_all_sizes(qapp: QApplication) -> None:
    assert {size.width() for size in app_icon().availableSizes()} >= {16, 32, 256}
    with pytest.raises(KeyError):
        icon("none such")


def _colours(widget: QWidget, places: list[QPoint]) -> list[QColor]:
    picture = widget.grab().toImage()
    return [picture.pixelColor(place) for place in places]


@pytest.mark.parametrize("name", ["light", "dark"])
def test_outlines_are_seen(theme: Theme, settings: Settings, qtbot, name: str) -> None:
    """The border of a menu, and a box that is not ticked."""
    settings.theme = name
    menu, ticks = QMenu(), QListWidget()
    menu.addAction("one")
    item = QListWidgetItem("one")
    item.setCheckState(Qt.CheckState.Unchecked)
    ticks.addItem(item)
    for widget in (menu, ticks):
        qtbot.addWidget(widget)
        widget.show()
    middle = menu.height() // 2
    edge, inner = _colours(menu, [QPoint(0, middle), QPoint(4, middle)])
    assert contrast(edge, inner) >= 1.5
    row = ticks.visualItemRect(item).center().y() + ticks.viewport().y()
    along = _colours(ticks, [QPoint(x, row) for x in range(3, 24)])
    assert max(contrast(colour, along[0]) for colour in along) >= 1.5


def test_what_is_switched_on_stands_on_a_ground(theme: Theme, settings: Settings) -> None:
    for name in ("light", "dark"):
        settings.theme = name
        corner = icon("loop").pixmap(QSize(24, 24), QIcon.Mode.Normal, QIcon.State.On).toImage().pixelColor(3, 3)
        assert contrast(corner, palette(name).color(Role.Button)) >= 2.5
        assert icon("loop").pixmap(24, 24).toImage().pixelColor(3, 3).alpha() == 0
