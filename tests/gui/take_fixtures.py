"""The window at the page Generate with a stand-in for the engine, and its cards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from gui.pages.generate import GenerateView
from gui.panels.take_card import TakeCard
from gui.settings import Settings
from gui.window import Window
from tests.card_fixtures import make_artifact
from tests.gui.generate_targets import LABELS, engine
from tests.gui.window_fixtures import open_window


def add_makers(folder: Path) -> None:
    make_artifact(folder / "maker", task="generate", network="melgan-c-tiny", labels=LABELS)
    make_artifact(folder / "report", task="generate", network="toygan", labels=())


def opened_at_page(qtbot, settings: Settings, target: Callable[..., None]) -> Iterator[Window]:
    """The window at the page, gone when the test is over."""
    settings.page = "generate"
    opened = open_window(qtbot, settings, target=target)
    yield opened
    opened.close_surely()
    opened.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def window(qtbot, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """At the page, with a network of three labels and one of a report."""
    add_makers(tmp_path / "models")
    monkeypatch.setenv("FSTMUSE_MODELS", str(tmp_path / "models"))
    yield from opened_at_page(qtbot, settings, engine)


@pytest.fixture
def page(window: Window) -> GenerateView:
    view = window.clips.view
    assert isinstance(view, GenerateView)
    view.form.seconds.setValue(0.5)
    return view


def cards(window: Window) -> list[TakeCard]:
    """Those that are seen, in order."""
    return [card for card in window.clips.view.board().cards.values() if not card.isHidden()]


def made(qtbot, window: Window, count: int) -> list[TakeCard]:
    """The cards once so many takes are there."""
    qtbot.waitUntil(lambda: len(cards(window)) == count and not window.takes.making, timeout=20_000)
    assert all(window.takes.answer(card.id) for card in cards(window))
    return cards(window)
