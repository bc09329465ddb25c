"""The window from its first to its last moment: no model yet, a second start, errors, closing, opening again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QToolButton

from gui.panels.welcome import DEMO
from gui.settings import Settings
from gui.window import Window
from tests.artifact_fixtures import write_tone
from tests.gui.shell_targets import engine
from tests.gui.window_fixtures import all_done, names, open_window, window

__all__ = ["window"]


def test_without_a_model_the_welcome_says_how_to_get_one(
    qtbot, tone_artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    empty = tmp_path / "no models"
    empty.mkdir()
    monkeypatch.setenv("FSTMUSE_MODELS", str(empty))
    window = open_window(qtbot, settings)
    try:
        action = window.context.actions["classify"]
        assert window.welcome.isVisible()
        assert not action.isEnabled() and "No model here can classify" in action.toolTip()
        assert "No model here can classify" in window.toolbar.widgetForAction(action).toolTip()
        window.welcome.own.click()
        assert window.stack.currentWidget() is window.train_panel
        asked = []
        monkeypatch.setattr(window.training, "start", asked.append)
        window.show_page("clips")
        window.welcome.demo.click()
        assert asked == [DEMO] and window.stack.currentWidget() is window.train_panel
        window.show_page("clips")
        shutil.copytree(tone_artifact, empty / "tones")
        qtbot.waitUntil(action.isEnabled, timeout=10_000)
        assert window.clips.chooser.isVisible() and not window.welcome.isVisible()
        assert "No model" not in action.toolTip()
    finally:
        window.close_surely()


def test_a_second_start_brings_clips_and_the_window(qtbot, window: Window, tones: Path) -> None:
    window.showMinimized()
    window.take_over([str(tones / "low.wav")])
    assert not window.isMinimized()
    qtbot.waitUntil(lambda: names(window) == ["low.wav"])


def test_a_model_that_cannot_be_loaded_is_disabled_with_its_reason(qtbot, window: Window, models_folder: Path) -> None:
    window.runner.modelRefused.emit(str(models_folder / "tones"), "its checksum is another")
    [model] = window.context.shelf.models
    assert "checksum" in model.reason
    qtbot.waitUntil(lambda: not window.context.actions["classify"].isEnabled())


def test_an_error_is_told_once_at_a_time(window: Window) -> None:
    window.tell_error("Title", "what", "")
    window.tell_error("Title", "what", "")
    window.tell_fault("other", "Traceback")
    told = sorted(message for _, message in window._errors)
    assert told == ["other", "what"]
    for dialog in list(window._errors.values()):
        dialog.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert window._errors == {}


def test_closing_asks_while_work_goes_on(qtbot, window: Window, tmp_path: Path) -> None:
    write_tone(tmp_path / "wait.wav", "Low", 1.0)
    window.take([str(tmp_path / "wait.wav")])
    qtbot.waitUntil(lambda: window.runner.busy)
    window.context.actions["quit"].trigger()
    assert window.isVisible()
    [box] = window.findChildren(QMessageBox)
    assert "not done yet" in box.informativeText()
    box.button(QMessageBox.StandardButton.Cancel).click()
    assert window.isVisible() and window.runner.busy
    window.close()
    box = window.findChildren(QMessageBox)[-1]
    next(button for button in box.buttons() if button.text() == "Close").click()
    assert not window.isVisible()
    assert window.runner.engine_pid is None and window.context.looking.pid is None


def test_the_next_window_looks_as_the_last_did(qtbot, models_folder: Path, settings: Settings) -> None:
    first = open_window(qtbot, settings)
    first.resize(first.minimumSizeHint().width(), first.minimumSizeHint().height() + 77)
    first.clips.splitter.moveSplitter(first.clips.splitter.handle(1).x() + 9, 1)
    size, sizes = first.size(), first.clips.splitter.sizes()
    first.close()
    second = _open_unsized(qtbot, settings)
    try:
        assert second.height() == size.height()
        assert all(abs(one - other) <= 2 for one, other in zip(second.clips.splitter.sizes(), sizes, strict=True))
    finally:
        second.close_surely()


def _open_unsized(qtbot, settings: Settings) -> Window:
    window = Window(settings, target=engine)
    with qtbot.waitSignal(window.painted):
        window.show()
    return window


def test_closed_before_it_was_painted_starts_nothing(qtbot, models_folder: Path, settings: Settings) -> None:
    window = Window(settings, target=engine)
    window.show()
    window.close()
    QApplication.processEvents()
    assert window.runner.engine_pid is None and window.context.looking.pid is None


def test_everything_without_text_has_a_name(window: Window) -> None:
    for button in window.findChildren(QToolButton):
        if button.isVisible() and button.objectName() != "qt_toolbar_ext_button":
            assert button.text() or button.accessibleName() or button.toolTip(), button


def test_the_real_engine_hears_low_as_low(qtbot, models_folder: Path, settings: Settings, tones: Path) -> None:
    window = Window(settings)
    window.show()
    try:
        window.take([str(tones / "low.wav")])
        qtbot.waitUntil(lambda: all_done(window, 1), timeout=60_000)
        [job] = window.runner.jobs
        [answer] = job.answers.values()
        assert answer.result.top(1)[0][0] == "Low"
        assert [Path(file).name for file in answer.files] == ["low.wav.tones.csv"]
        assert Path(answer.files[0]).parent == Path(settings.output_folder)
        assert window.clip_view.stack.lanes, "the heat map stands below the spectrogram"
    finally:
        window.close_surely()
