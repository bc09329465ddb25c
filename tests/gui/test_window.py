"""The window as a whole, used as people do: dropping, pasting, keys, menus."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QImage
from PySide6.QtWidgets import QApplication, QMenu

from gui.core.jobs import State
from gui.icons import icon
from gui.settings import Settings
from gui.window import Window
from tests.artifact_fixtures import write_tone
from tests.gui.window_fixtures import all_done, drop, mime_of, names, window

__all__ = ["window"]


def test_every_action_leads_somewhere(window: Window) -> None:
    for entry in window.context.actions.entries.values():
        assert callable(reduce(getattr, entry.handler.split("."), window)), entry.name


@pytest.mark.parametrize("where", ["window", "clip_view", "queue_panel", "field", "chooser", "train_panel"])
def test_clips_can_be_dropped_anywhere(qtbot, window: Window, tones: Path, broken: Path, where: str) -> None:
    widgets = {"window": window, "field": window.train_panel.form, "chooser": window.clips.chooser.list.viewport()}
    if where in ("field", "train_panel"):
        window.show_page("train")
    drop(widgets.get(where) or getattr(window, where), mime_of(tones, broken))
    qtbot.waitUntil(lambda: all_done(window, 3), timeout=10_000)
    assert sorted(names(window)) == ["high.wav", "low.wav", "middle.flac"]
    qtbot.waitUntil(lambda: "3 clips added, 1 skipped" in window.queue_panel.report.words)
    assert window.stack.currentWidget() is window.clips


def test_a_list_of_addresses_as_text_can_be_dropped(qtbot, window: Window, tones: Path) -> None:
    mime = QMimeData()
    mime.setData("text/uri-list", f"{QUrl.fromLocalFile(str(tones / 'low.wav')).toString()}\r\n".encode())
    drop(window.clip_view, mime)
    qtbot.waitUntil(lambda: names(window) == ["low.wav"])


def test_text_that_is_no_path_is_not_taken(window: Window) -> None:
    mime = QMimeData()
    mime.setText("a sentence")
    enter = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(window, enter)
    assert not enter.isAccepted()


def test_an_empty_clipboard_is_no_error(window: Window) -> None:
    QApplication.clipboard().clear()
    window.context.actions["paste"].trigger()
    assert "holds no files" in window.status.currentMessage() and not names(window)


@pytest.mark.parametrize("text", [False, True])
def test_paste(qtbot, window: Window, tones: Path, text: bool) -> None:
    mime = QMimeData() if text else mime_of(tones / "low.wav")
    if text:
        mime.setText(f"{tones / 'low.wav'}\n")
    QApplication.clipboard().setMimeData(mime)
    qtbot.keyClick(window.clip_view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: names(window) == ["low.wav"])
    # Also while Ctrl is still down.
    assert window.queue_panel.selected() == [job.id for job in window.runner.jobs]


def test_an_empty_clipboard_is_told(window: Window) -> None:
    QApplication.clipboard().setText("no path")
    window.context.actions["paste"].trigger()
    assert "clipboard" in window.status.currentMessage()
    assert not len(window.runner.jobs)


def test_dropped_clips_are_answered_and_shown(qtbot, window: Window, tones: Path) -> None:
    window.take([str(tones / "low.wav")])
    qtbot.waitUntil(lambda: all_done(window, 1))
    assert window.clip_view.clip.path == str(tones / "low.wav")
    assert "low.wav" in window.windowTitle()
    [column] = window.clips.view.columns
    qtbot.waitUntil(column.bars.isVisible)
    qtbot.waitUntil(lambda: window.clip_view.clip.picture.complete)
    window.take([str(tones / "high.wav")])
    qtbot.waitUntil(lambda: window.clip_view.clip.path == str(tones / "high.wav"))
    assert "high.wav" in window.windowTitle()


def test_what_is_not_run_at_once_waits_for_run(qtbot, window: Window, tones: Path, settings: Settings) -> None:
    settings.run_on_drop = False
    window.take([str(tones)])
    qtbot.waitUntil(lambda: len(window.runner.jobs) == 3)
    assert {job.state for job in window.runner.jobs} == {State.IDLE}
    qtbot.waitUntil(window.context.actions["run"].isEnabled)
    qtbot.keyClick(window.queue_panel.table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: [job.state for job in window.runner.jobs].count(State.DONE) == 1)
    window.context.actions["run_all"].trigger()
    qtbot.waitUntil(lambda: all_done(window, 3))


def test_run_asks_again_about_selected_rows_and_the_verb_about_none(qtbot, window: Window, tones: Path) -> None:
    window.take([str(tones)])
    qtbot.waitUntil(lambda: all_done(window, 3))
    first, second, third = window.runner.jobs
    kept = dict(third.answers)
    before = [next(iter(job.answers.values())) for job in (first, second)]
    window.queue_panel.table.setFocus()
    window.queue_panel.choose(first.id)
    qtbot.keyClick(window.queue_panel.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert window.queue_panel.selected() == [first.id, second.id]
    qtbot.waitUntil(window.context.actions["classify"].isEnabled)
    window.toolbar.widgetForAction(window.context.actions["classify"]).click()
    assert not window.runner.busy
    window.toolbar.widgetForAction(window.context.actions["run"]).click()
    qtbot.waitUntil(lambda: all_done(window, 3) and next(iter(second.answers.values())) is not before[1])
    assert next(iter(first.answers.values())) is not before[0]
    assert third.answers == kept


def test_cancel_retry_remove_by_keys(qtbot, window: Window, tmp_path: Path) -> None:
    for name in ("wait.wav", "low.wav"):
        write_tone(tmp_path / name, "Low", 1.0)
    window.take([str(tmp_path / "wait.wav"), str(tmp_path / "low.wav")])
    qtbot.waitUntil(lambda: len(window.runner.jobs) == 2)
    waiting, other = window.runner.jobs
    qtbot.waitUntil(lambda: waiting.state is State.RUNNING)
    table, actions = window.queue_panel.table, window.context.actions
    window.queue_panel.choose(waiting.id)
    qtbot.waitUntil(actions["cancel"].isEnabled)
    qtbot.keyClick(table, Qt.Key.Key_Period, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: waiting.state is State.CANCELLED and other.state is State.DONE)
    qtbot.waitUntil(actions["retry"].isEnabled)
    qtbot.keyClick(table, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: waiting.state is State.RUNNING)
    actions["cancel_all"].trigger()
    qtbot.waitUntil(lambda: waiting.state is State.CANCELLED)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert [job.id for job in window.runner.jobs] == [other.id]
    assert window.clip_view.clip is None or window.clip_view.clip.path == other.path


def test_space_plays_and_keys_move(qtbot, window: Window, tones: Path) -> None:
    assert not window.context.actions["play_pause"].isEnabled()
    window.take([str(tones / "low.wav")])
    qtbot.waitUntil(lambda: window.clip_view.clip is not None and window.clip_view.clip.picture.complete)
    qtbot.waitUntil(window.context.actions["play_pause"].isEnabled)
    window.queue_panel.table.setFocus()
    player = window.context.player
    qtbot.waitUntil(lambda: player.duration > 2.9)
    qtbot.keyClick(window.queue_panel.table, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: player.playing and player.position > 0.05)
    qtbot.keyClick(window.queue_panel.table, Qt.Key.Key_Space)
    assert not player.playing
    window.clip_view.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_End)
    assert window.clip_view.axis.cursor == pytest.approx(3.0, abs=0.1)
    qtbot.keyClick(window, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert window.clip_view.axis.selection is not None
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.clip_view.axis.selection is None
    window.show_page("train")
    assert not window.context.actions["play_pause"].isEnabled()


def test_the_toolbar_shows_whether_it_plays_and_loops(qtbot, window: Window, tones: Path) -> None:
    window.take([str(tones / "low.wav")])
    actions, view = window.context.actions, window.clip_view
    qtbot.waitUntil(lambda: window.context.player.duration > 2.9 and actions["play_pause"].isEnabled())
    play, loop = (window.toolbar.widgetForAction(actions[name]) for name in ("play_pause", "loop"))

    def look() -> QImage:
        return play.icon().pixmap(24, 24).toImage()

    stopped = look()
    assert play.accessibleName() == "Play" and stopped != icon("run").pixmap(24, 24).toImage()
    play.click()
    assert play.accessibleName() == "Pause" and look() != stopped
    view.play_pause()
    assert play.accessibleName() == "Play" and look() == stopped
    for press in (loop.click, view.transport.loop_button.click, view.toggle_loop, actions["loop"].trigger):
        before = loop.isChecked()
        press()
        assert loop.isChecked() == view.transport.loop_button.isChecked() == view._loops != before


def test_run_is_for_the_page_of_clips(qtbot, window: Window, tones: Path) -> None:
    window.take([str(tones / "low.wav")])
    run = window.context.actions["run"]
    qtbot.waitUntil(run.isEnabled)
    for page in ("train", "models"):
        window.show_page(page)
        assert not run.isEnabled() and "Alt+1" in run.toolTip()
    window.show_page("clips")
    assert run.isEnabled() and "Ctrl+Return" in run.toolTip()


def test_pages_by_keys(qtbot, window: Window) -> None:
    for key, page in ((Qt.Key.Key_2, "train"), (Qt.Key.Key_3, "models"), (Qt.Key.Key_1, "clips")):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.AltModifier)
        assert window.stack.currentWidget() is window.full_pages[page]
        checked = [name for name in window.full_pages if window.context.actions[name].isChecked()]
        assert checked == [page]


def test_recent_clips(qtbot, window: Window, tones: Path, settings: Settings) -> None:
    settings.add_recent([str(tones / "low.wav"), str(tones / "gone & away.wav")])
    [menu] = [menu for menu in window.findChildren(QMenu) if menu.title() == "Recent clips"]
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()][:2] == ["&1 low.wav", "&2 gone && away.wav"]
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: names(window) == ["low.wav"])
    menu.actions()[1].trigger()
    qtbot.waitUntil(lambda: "gone & away.wav" in window.queue_panel.report.words)
    menu.actions()[-1].trigger()
    assert settings.recent == [] and not menu.menuAction().isEnabled()
