"""A task that takes no clip: Run makes a row of its own, which shows the sound that was made."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

import gui.pages
from gui.core.jobs import ENDED, State
from gui.settings import Settings
from gui.window import Window
from tests.gui import generate_parts
from tests.gui.window_fixtures import open_window

MODULE = "zz_generate"


@pytest.fixture
def window(qtbot, tmp_path: Path, tone_artifact: Path, models_folder: Path, settings: Settings, monkeypatch):
    folder = tmp_path / "more_pages"
    folder.mkdir()
    (folder / f"{MODULE}.py").write_text(generate_parts.PAGE)
    monkeypatch.setattr(gui.pages, "__path__", [*gui.pages.__path__, str(folder)])
    importlib.invalidate_caches()
    generate_parts.add_generator(tone_artifact, models_folder / "generator")
    made = open_window(qtbot, settings, target=generate_parts.engine)
    yield made
    made.close_surely()
    made.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    sys.modules.pop(f"gui.pages.{MODULE}", None)
    vars(gui.pages).pop(MODULE, None)


def test_run_makes_something_new_each_time(qtbot, window: Window, tones: Path, settings: Settings) -> None:
    actions, jobs, view = window.context.actions, window.runner.jobs, window.clip_view
    assert not actions["run"].isEnabled(), "nothing to ask about"
    qtbot.keyClick(window, Qt.Key.Key_8, Qt.KeyboardModifier.ControlModifier)
    assert window.clips.page.verb == "generate" and window.clips.view.title.text() == "Press Run"
    qtbot.waitUntil(actions["run"].isEnabled)
    assert not actions["run_all"].isEnabled()
    for count in (1, 2):
        window.clips.view.seconds.setValue(count)
        actions["run"].trigger()
        assert len(jobs) == count
        job = jobs.at(count - 1)
        assert (job.path, job.name, job.options) == ("", "New music", {"seconds": count})
        qtbot.waitUntil(lambda: job.state in ENDED, timeout=40_000)  # noqa: B023 - awaited here
        assert job.state is State.DONE, job.reason + job.details
        [file] = job.files
        assert Path(file).parent == Path(settings.output_folder) and job.sound == file
        qtbot.waitUntil(lambda: view.clip is not None and view.clip.path == file)  # noqa: B023
        qtbot.waitUntil(lambda: view.axis.duration == pytest.approx(count))  # noqa: B023
        assert window.clips.view.title.text() == "New music"
    model = window.queue_panel.model
    assert model.index(1, 0).data() == "New music"
    assert any("2 s of music" in str(model.index(1, column).data()) for column in range(5))

    # It is no clip to be classified, and a clip is none to be generated.
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    window.take([str(tones / "low.wav")])
    qtbot.waitUntil(lambda: len(jobs) == 3 and jobs.at(2).state is State.DONE, timeout=30_000)
    assert window.clips.ask([jobs.at(0).id], fresh=True) == 0
    assert jobs.at(0).state is State.DONE and jobs.at(2).answers.keys() == {("classify", jobs.at(2).artifacts[0])}
