"""Light and dark can be read, change live, and icons follow."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QToolButton

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
