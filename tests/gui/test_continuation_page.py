"""Letting a clip go on as a user does: set, run, hear it across the join, compare, another try, save, drag out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from gui.core.jobs import State
from gui.pages.continuation import ContinuationView
from gui.queue_model import STATE
from gui.settings import Settings
from gui.window import Window
from tests.card_fixtures import make_artifact
from tests.gui.continue_targets import engine
from tests.gui.window_fixtures import open_window
from tests.infill_fixtures import RATE, write_clip

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def window(qtbot, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """At the page, with a clip of 2 s and a network that goes on."""
    make_artifact(tmp_path / "models" / "walker", task="continue", network="prednet", labels=())
    make_artifact(tmp_path / "models" / "other")
    monkeypatch.setenv("FSTMUSE_MODELS", str(tmp_path / "models"))
    write_clip(tmp_path / "take.wav", None)
    settings.page = "go_on"
    settings.formats = ("csv", "json")
    made = open_window(qtbot, settings, target=engine)
    made.take([str(tmp_path / "take.wav")])
    qtbot.waitUntil(lambda: len(made.runner.jobs) == 1)
    view = made.clip_view
    qtbot.waitUntil(lambda: view.clip is not None and view.clip.picture.complete, timeout=20_000)
    yield made
    made.close_surely()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_set_run_hear_compare_save_and_drag_out(qtbot, window: Window, settings: Settings, tmp_path: Path) -> None:
    page, view, actions = window.clips.view, window.clip_view, window.context.actions
    job = window.runner.jobs.at(0)
    assert isinstance(page, ContinuationView) and [model.name for model in window.clips.models] == ["walker"]
    assert job.state is State.IDLE and not page.hear.isEnabled(), "nothing is made before it is asked for"
    assert "go on for 2 s" in page.plan.text()
    page.seconds.setValue(1.0)
    page.spread.setValue(0.5)
    assert page.options() == {"seconds": 1.0, "spread": 0.5, "seed": 0}
    qtbot.mouseClick(window.toolbar.widgetForAction(actions["run"]), LEFT)
    qtbot.waitUntil(lambda: job.state is State.DONE, timeout=90_000)

    # What was there is as it was, and something comes behind it.
    file = Path(settings.output_folder) / "take.wav.walker.wav"
    before, _ = soundfile.read(tmp_path / "take.wav", dtype="float32")
    after, rate = soundfile.read(file, dtype="float32")
    assert (rate, len(after)) == (RATE, 3 * RATE) and np.array_equal(after[: 2 * RATE], before)
    assert np.abs(after[2 * RATE :]).max() > 0.01
    assert json.loads(file.with_suffix(".json").read_text("utf-8"))["settings"]["spread"] == 0.5
    words = "Goes on from 0:02.000 to 0:03.000"
    assert words in page.answers.text() and words in window.queue_panel.model.index(0, 3).data()

    # It is B; what was made is marked on an axis that has room for it.
    qtbot.waitUntil(lambda: view.second is not None and view.second.picture.complete, timeout=20_000)
    qtbot.waitUntil(lambda: view.axis.duration > 2.99)
    assert view.axis.marked == ((2.0, 3.0),) and view.axis.duration == pytest.approx(3.0, abs=0.01)
    view.axis.seek(1.5)
    view.setFocus()
    assert view.badge.text() == f"B: {file.name}", "what was asked for is shown"
    for letter in "ABA":
        qtbot.keyClick(view, Qt.Key.Key_X)
        assert view.badge.text().startswith(f"{letter}: take.wav") and window.context.player.position == 1.5
    qtbot.keyClick(view, Qt.Key.Key_X)
    view.axis.seek(0.7)
    qtbot.mouseClick(page.hear, LEFT)
    assert view.badge.text() == f"B: {file.name}" and window.context.player.playing
    assert view.axis.cursor < 0.7, "it begins 2 s before the join, here at the beginning"
    view.play_pause()

    # Another try.
    page.seed.setValue(7)
    assert "Something else is set" in page.answers.text()
    qtbot.mouseClick(window.toolbar.widgetForAction(actions["run"]), LEFT)
    qtbot.waitUntil(lambda: job.state is State.DONE and len(job.answers) == 1, timeout=90_000)
    qtbot.waitUntil(lambda: view.badge.text() == f"B: {file.stem} (2).wav", timeout=20_000)
    assert "Something else is set" not in page.answers.text()

    # Out of the window.
    picture = tmp_path / "before and after.png"
    page.files.ask_file = lambda parent, title, first, kinds, then: then(str(picture))
    page.files.export(["png"])
    qtbot.waitUntil(lambda: picture.is_file() and not page.files._export.busy, timeout=20_000)
    dragged = [Path(url.toLocalFile()).name for url in page.files.handle.mime().urls()]
    assert dragged == [f"{file.stem} (2).wav", f"{file.stem} (2).json", picture.name]

    # Other tasks have no marks.
    actions["classify"].trigger()
    assert view.axis.marked == ()
    actions["go_on"].trigger()
    assert view.axis.marked == ((2.0, 3.0),)


def test_marks_stay_within_the_clip_and_a_filled_clip_goes_on(
    qtbot, window: Window, settings: Settings, tmp_path: Path
) -> None:
    make_artifact(tmp_path / "models" / "mender", task="infill", network="gapnet", labels=())
    window.context.shelf.rescan()
    job, view, actions = window.runner.jobs.at(0), window.clip_view, window.context.actions
    state = window.queue_panel.model.index(0, STATE)

    def run_until(sound: str) -> None:
        qtbot.mouseClick(window.toolbar.widgetForAction(actions["run"]), LEFT)
        file = str(Path(settings.output_folder) / sound)
        qtbot.waitUntil(lambda: view.second is not None and view.clip.path == file, timeout=90_000)
        qtbot.waitUntil(lambda: view.second.picture.complete and state.data() == "Done", timeout=20_000)

    assert not window.clips.view.source.isVisible(), "there is nothing else to go on from"
    run_until("take.wav.walker.wav")
    qtbot.waitUntil(lambda: view.axis.duration > 3.9)
    window.clips.show_page("infill")
    page = window.clips.view
    assert state.data() == "Done (Continue)"
    view.axis.select(2.5, 3.0)
    assert not page.gaps.add.isEnabled() and "behind the clip's end" in page.plan.text() and page.options()["find"]
    view.axis.select(1.9, 3.0)
    qtbot.mouseClick(page.gaps.add, LEFT)
    assert page.options()["gaps"] == [(1.9, 2.0)] and view.axis.marked == ((1.9, 2.0),)
    qtbot.mouseClick(page.gaps.add, LEFT)
    assert len(page.gaps.gaps) == 1 and "not among them" not in page.plan.text()
    run_until("take.wav.mender.wav")

    window.clips.show_page("go_on")
    page, filled = window.clips.view, str(Path(settings.output_folder) / "take.wav.mender.wav")
    assert page.source.isVisible() and "filled by mender" in page.source.currentText()
    assert "lets the filled clip go on" in page.plan.text() and page.options(job=job)["sound"] == filled
    assert "Something else is set" in page.answers.text(), "that was made of the clip as it was"
    run_until("take.wav.mender.wav.walker.wav")
    assert "Made of the filled clip." in page.answers.text() and "Something else is set" not in page.answers.text()
    assert "sound" not in page.options(), "a clip without such a sound goes on itself"
    qtbot.keyClick(page.source, Qt.Key.Key_Up)
    assert page.source.currentText() == "the clip as it is" and "sound" not in page.options(job=job)
    assert "lets the clip go on" in page.plan.text() and "Something else is set" in page.answers.text()


def test_each_page_compares_with_the_sound_of_its_own(
    qtbot, window: Window, settings: Settings, tmp_path: Path
) -> None:
    make_artifact(tmp_path / "models" / "mender", task="infill", network="gapnet", labels=())
    window.context.shelf.rescan()
    job, view, run = window.runner.jobs.at(0), window.clip_view, window.toolbar.widgetForAction
    continued = Path(settings.output_folder) / "take.wav.walker.wav"
    filled = Path(settings.output_folder) / "take.wav.mender.wav"

    def heard_as_b(file: Path) -> bool:
        return view.second is not None and view.second.path == str(file) and view.clip is view.second

    qtbot.mouseClick(run(window.context.actions["run"]), LEFT)
    qtbot.waitUntil(lambda: job.state is State.DONE and view.second is not None, timeout=90_000)
    qtbot.waitUntil(lambda: view.second.picture.complete and window.context.actions["toggle_ab"].isEnabled())
    assert heard_as_b(continued)
    window.clips.show_page("infill")
    view.axis.select(0.8, 1.0)
    qtbot.mouseClick(window.clips.view.gaps.add, LEFT)
    qtbot.mouseClick(run(window.context.actions["run"]), LEFT)
    qtbot.waitUntil(lambda: heard_as_b(filled), timeout=90_000)
    window.clips.show_page("go_on")
    qtbot.waitUntil(lambda: heard_as_b(continued), timeout=20_000)
