"""Two clips compared, as a user does it: selected in the queue, swapped by key and button, heard at one position."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QMenu

from gui import window as window_module
from gui.core.jobs import State
from gui.player import SilentPlayer
from gui.settings import Settings
from gui.views.spectrogram import Spectrogram
from gui.window import Window
from tests.artifact_fixtures import write_tone
from tests.gui.view_fixtures import pixels
from tests.gui.window_fixtures import open_window

LEFT, CONTROL, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def window(qtbot, models_folder: Path, settings: Settings, tones: Path, monkeypatch: pytest.MonkeyPatch):
    """With low.wav, high.wav (both answered) and wait.wav (never answered) in the queue, heard by nobody."""
    monkeypatch.setattr(window_module, "make_player", SilentPlayer)
    write_tone(tones / "wait.wav", "Middle", 2.0)
    made = open_window(qtbot, settings)
    made.take([str(tones / name) for name in ("low.wav", "high.wav", "wait.wav")])
    qtbot.waitUntil(lambda: [job.state for job in made.runner.jobs][:2] == [State.DONE] * 2)
    yield made
    made.close_surely()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def click(qtbot, window: Window, name: str, modifier=NONE) -> None:
    """On the row of a clip in the queue."""
    table = window.queue_panel.table
    [row] = [row for row, job in enumerate(window.runner.jobs) if job.name == name]
    qtbot.mouseClick(table.viewport(), LEFT, modifier, table.visualRect(table.model().index(row, 0)).center())


def compare(qtbot, window: Window, shown: str, other: str) -> None:
    """By mouse and key: the row that is clicked last is shown."""
    click(qtbot, window, other)
    click(qtbot, window, shown, CONTROL)
    qtbot.waitUntil(window.context.actions["compare"].isEnabled)
    qtbot.keyClick(window.queue_panel.table, Qt.Key.Key_B, CONTROL)
    view = window.clip_view
    qtbot.waitUntil(lambda: all(clip and clip.picture.complete for clip in (view._a, view._b)))
    qtbot.waitUntil(lambda: not view._timer.isActive())  # what is complete is drawn, too
    qtbot.waitUntil(window.context.actions["toggle_ab"].isEnabled)


def test_it_can_be_begun_with_two_clips_and_says_so_otherwise(qtbot, window: Window) -> None:
    actions = window.context.actions
    click(qtbot, window, "low.wav")
    qtbot.waitUntil(lambda: not actions["compare"].isEnabled())
    assert "Select two clips" in actions["compare"].toolTip()
    assert not actions["toggle_ab"].isEnabled() and "Ctrl+B" in actions["toggle_ab"].toolTip()
    click(qtbot, window, "high.wav", CONTROL)
    qtbot.waitUntil(actions["compare"].isEnabled)
    assert "Ctrl+B" in actions["compare"].toolTip()
    click(qtbot, window, "wait.wav", CONTROL)
    qtbot.waitUntil(lambda: not actions["compare"].isEnabled())
    for title in ("&Clips", None):
        menus = [menu for menu in window.findChildren(QMenu) if menu.title() == title]
        menu = menus[0] if title else window.queue_panel.table.make_menu()
        assert actions["compare"] in menu.actions()


def test_picture_and_sound_are_swapped_while_it_plays_on(qtbot, window: Window) -> None:
    compare(qtbot, window, "low.wav", "high.wav")
    view, player = window.clip_view, window.context.player
    assert "A is low.wav, B is high.wav" in window.status.currentMessage()
    assert view.badge.isVisible() and view.badge.text() == "A: low.wav"
    view.axis.select(0.5, 2.5)
    before = _picture(view.stack.spectrogram)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: player.playing and player.position > 0.2)
    heard = player.position
    qtbot.keyClick(view, Qt.Key.Key_X)
    assert view.badge.text() == "B: high.wav" and view.transport.compare_button.text() == "B"
    assert player.playing and heard <= player.position < heard + 0.5
    qtbot.waitUntil(lambda: player.position > heard)
    assert player._pcm is view.clip.pcm and view.axis.selection == (0.5, 2.5)
    assert np.abs(_picture(view.stack.spectrogram) - before).mean() > 10
    heard = player.position
    qtbot.mouseClick(view.transport.compare_button, LEFT)
    assert view.badge.text() == "A: low.wav" and player.playing
    assert heard <= player.position < heard + 0.5
    assert np.array_equal(_picture(view.stack.spectrogram), before)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    at = player.position
    qtbot.keyClick(view, Qt.Key.Key_X)
    assert player.position == at == view.axis.cursor


def _picture(spectrogram: Spectrogram) -> np.ndarray:
    """Of a part that neither the selection nor the cursor is near."""
    left = round(spectrogram.x_of(2.6))
    # Of a fixed width: the column of labels at the left is another one for B, and so is the scale.
    return pixels(spectrogram)[:, left : left + 50]


def test_the_same_action_ends_it(qtbot, window: Window) -> None:
    compare(qtbot, window, "low.wav", "high.wav")
    view, action = window.clip_view, window.context.actions["compare"]
    assert action.text().replace("&", "") == "Stop comparing"
    qtbot.keyClick(view, Qt.Key.Key_X)
    click(qtbot, window, "low.wav")
    assert view.comparing, "the clip that is shown stays"
    window.context.actions["play_pause"].trigger()
    qtbot.waitUntil(lambda: window.context.player.position > 0.1)
    qtbot.keyClick(window.queue_panel.table, Qt.Key.Key_B, CONTROL)
    assert not view.comparing and not view.badge.isVisible() and not view.transport.compare_button.isVisible()
    assert view.clip.path.endswith("low.wav") and window.context.player.playing
    qtbot.waitUntil(lambda: action.text().replace("&", "") == "Compare" and not action.isEnabled())
    qtbot.keyClick(view, Qt.Key.Key_X)
    assert view.clip.path.endswith("low.wav")


def test_answers_are_those_of_the_clip_that_is_shown(qtbot, window: Window) -> None:
    compare(qtbot, window, "low.wav", "high.wav")
    page, view = window.clips.view, window.clip_view
    assert page.title.text() == "low.wav: whole clip"
    qtbot.keyClick(view, Qt.Key.Key_X)
    assert page.title.text() == "high.wav: whole clip"
    qtbot.keyClick(view, Qt.Key.Key_X)
    assert page.title.text() == "low.wav: whole clip"
    qtbot.keyClick(view, Qt.Key.Key_X)
    window.runner.remove([job.id for job in window.runner.jobs if job.name == "high.wav"])
    assert page.title.text() == "low.wav: whole clip"


def test_a_clip_without_an_answer_can_be_heard_beside_one(qtbot, window: Window) -> None:
    compare(qtbot, window, "low.wav", "wait.wav")
    view = window.clip_view
    qtbot.keyClick(view, Qt.Key.Key_X)
    assert view.badge.text() == "B: wait.wav"
    [column] = window.clips.view.columns
    assert not column.bars.isVisible() and column.message.text()
    assert view.axis.duration == pytest.approx(3.0), "of the longer one, so that nothing moves"


@pytest.mark.parametrize("swapped", [False, True])
def test_removing_b_leaves_a_where_it_is(qtbot, window: Window, swapped: bool) -> None:
    compare(qtbot, window, "low.wav", "high.wav")
    view = window.clip_view
    view.axis.seek(1.25)
    if swapped:
        qtbot.keyClick(view, Qt.Key.Key_X)
    window.runner.remove([window.runner.jobs.at(1).id])
    assert not view.comparing and view.clip.path.endswith("low.wav")
    assert view.axis.cursor == window.context.player.position == 1.25
    qtbot.waitUntil(lambda: not window.context.actions["compare"].isEnabled())


@pytest.mark.parametrize("chosen", ["wait.wav", "high.wav"])
def test_another_clip_ends_it(qtbot, window: Window, chosen: str) -> None:
    compare(qtbot, window, "low.wav", "high.wav")
    click(qtbot, window, chosen)
    view = window.clip_view
    assert not view.comparing and view.clip.path.endswith(chosen) and not view.badge.isVisible()
    qtbot.waitUntil(lambda: not window.context.actions["toggle_ab"].isEnabled())
    # Taken off the queue, what was B once takes nothing with it.
    compare(qtbot, window, "low.wav", "wait.wav")
    window.runner.remove([job.id for job in window.runner.jobs if job.name == "high.wav"])
    assert view.comparing


def test_removing_both_leaves_what_is_there(qtbot, window: Window) -> None:
    compare(qtbot, window, "low.wav", "high.wav")
    window.queue_panel.remove_selected()
    assert not window.clip_view.comparing
    assert window.clip_view.clip.path.endswith("wait.wav")


def test_other_pages_have_nothing_to_compare(qtbot, window: Window) -> None:
    compare(qtbot, window, "low.wav", "high.wav")
    window.show_page("models")
    actions = window.context.actions
    assert not actions["compare"].isEnabled() and not actions["toggle_ab"].isEnabled()
    window.show_page("clips")
    assert window.clip_view.comparing and actions["toggle_ab"].isEnabled()
