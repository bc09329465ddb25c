"""A task that the window has never heard of: one file in `gui.pages`, and all the rest follows."""

from __future__ import annotations

import dataclasses
import importlib
import shutil
import sys
import types
from pathlib import Path

import pytest
import soundfile
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QMenu

import gui.pages
from gui.core.jobs import State
from gui.settings import Settings
from gui.window import Window
from tests.gui import infill_parts
from tests.gui.shell_targets import engine as quick_engine
from tests.gui.test_chooser import add_model
from tests.gui.window_fixtures import open_window

MODULE = "zz_infill"


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The file, where pages are looked for."""
    folder = tmp_path / "more_pages"
    folder.mkdir()
    (folder / f"{MODULE}.py").write_text(infill_parts.PAGE)
    monkeypatch.setattr(gui.pages, "__path__", [*gui.pages.__path__, str(folder)])
    # The window's own page for this task is not there.
    monkeypatch.setitem(sys.modules, "gui.pages.infill", types.ModuleType("gui.pages.infill"))
    importlib.invalidate_caches()
    yield
    sys.modules.pop(f"gui.pages.{MODULE}", None)
    vars(gui.pages).pop(MODULE, None)


@pytest.fixture
def opened(qtbot, page, models_folder: Path, settings: Settings):
    """Opens a window with an engine."""
    made: list[Window] = []

    def open_with(target) -> Window:
        made.append(open_window(qtbot, settings, target=target))
        return made[-1]

    yield open_with
    for window in made:
        window.close_surely()
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_its_button_waits_for_a_model(
    qtbot, opened, small_filler: Path, models_folder: Path, settings: Settings
) -> None:
    settings.page = "infill"
    window = opened(quick_engine)
    action = window.context.actions["infill"]
    button = window.toolbar.widgetForAction(action)
    assert button.isVisible() and button.text() == "Fill gaps" and not button.icon().isNull()
    assert not button.isEnabled() and button.toolTip() == "No model here can fill gaps. Train one."
    [menu] = [menu for menu in window.findChildren(QMenu) if menu.title() == "&Task"]
    assert action in menu.actions()
    # What can be done nothing with is not shown at first, whatever was shown last.
    assert window.clips.page.verb == "classify" and settings.page == "infill"
    infill_parts.add_infiller(small_filler, models_folder / "infiller")
    qtbot.waitUntil(button.isEnabled)
    assert button.toolTip() == "Fills what is selected (Ctrl+9)"
    assert window.clips.page.verb == "infill", "it is what the user wanted"
    assert [model.name for model in window.clips.models] == ["infiller"]
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.clips.page.verb == "classify"
    assert [model.name for model in window.clips.models] == ["tones"]
    shutil.rmtree(models_folder / "infiller")
    qtbot.waitUntil(lambda: not button.isEnabled())


def test_a_window_with_models_for_other_tasks_shows_one_of_those(
    qtbot, opened, tone_artifact: Path, small_filler: Path, models_folder: Path
) -> None:
    shutil.rmtree(models_folder / "tones")
    infill_parts.add_infiller(small_filler, models_folder / "infiller")
    window = opened(quick_engine)
    actions = window.context.actions
    assert window.clips.page.verb == "infill" and actions["infill"].isChecked()
    assert not window.welcome.isVisible() and window.clips.view.isVisible()
    assert not actions["classify"].isEnabled() and "Train one" in actions["classify"].toolTip()
    shutil.rmtree(models_folder / "infiller")
    qtbot.waitUntil(window.welcome.isVisible)
    shutil.copytree(tone_artifact, models_folder / "tones")
    qtbot.waitUntil(lambda: window.clips.page.verb == "classify" and window.clips.view.isVisible())


def test_many_tasks_leave_room_for_all_buttons(
    qtbot, opened, models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles = ("Tag", "Fill gaps", "Continue", "Generate", "Match effects")
    classify, infill, *_ = gui.pages.find_pages()
    more = [dataclasses.replace(infill, verb=f"verb{n}", title=name, shortcut="") for n, name in enumerate(titles)]
    monkeypatch.setattr("gui.window.find_pages", lambda: [classify, *more])
    window = opened(quick_engine)
    buttons = [
        window.toolbar.widgetForAction(window.context.actions[name]) for name in ("verb4", "cancel_all", "models")
    ]
    window.resize(window.toolbar.sizeHint().width() + 100, 700)
    qtbot.waitUntil(lambda: buttons[1].toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    window.resize(window.toolbar.sizeHint().width() - 100, 700)
    qtbot.waitUntil(lambda: buttons[1].toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly)
    qtbot.waitUntil(lambda: all(button.isVisible() for button in buttons))
    assert buttons[0].toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon


def test_it_asks_shows_saves_compares_and_is_dragged_out(
    qtbot, opened, small_filler: Path, models_folder: Path, settings: Settings, tones: Path
) -> None:
    infill_parts.add_infiller(small_filler, models_folder / "infiller")
    add_model(models_folder, "other")
    settings.formats = ("csv", "json")
    window = opened(infill_parts.engine)
    window.take([str(tones / "low.wav")])
    qtbot.waitUntil(lambda: len(window.runner.jobs) == 1)
    job = window.runner.jobs.at(0)
    view = window.clip_view
    qtbot.waitUntil(lambda: job.state is State.DONE, timeout=30_000)
    qtbot.waitUntil(lambda: view.clip is not None and view.axis.duration == pytest.approx(3.0))
    [heat] = view.stack.lanes

    # The page's button shows it, Run asks: what is to be filled is chosen in between.
    button = window.toolbar.widgetForAction(window.context.actions["infill"])
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    page = window.clips.view
    assert page.isVisible() and page.title.text() == "Nothing filled yet" and view.stack.lanes == []
    assert job.state is State.DONE
    page.strength.setValue(7)
    view.axis.select(1.0, 1.5)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert job.state is State.DONE
    qtbot.mouseClick(window.toolbar.widgetForAction(window.context.actions["run"]), Qt.MouseButton.LeftButton)
    assert (job.verb, job.options) == ("infill", {"start_s": 1.0, "end_s": 1.5, "strength": 7})
    qtbot.waitUntil(lambda: job.state is State.DONE, timeout=20_000)

    # Written as the page wants it, though the formats of the preferences are none of it.
    infilled = job.answers["infill", str(models_folder / "infiller")]
    [file] = infilled.files
    assert file == str(Path(settings.output_folder) / "low.wav.infiller.wav") and not infilled.unsaved
    before, _ = soundfile.read(tones / "low.wav", dtype="float32")
    after, _ = soundfile.read(file, dtype="float32")
    changed = abs(after - before) > 0.01
    assert changed[8000:12000].mean() > 0.9 and not changed[:8000].any() and not changed[12000:].any()

    # Shown by the page, below the spectrogram and in the queue.
    assert page.title.text() == "1.0 to 1.5 s filled, strength 7"
    assert view.stack.lanes == page.lanes() != [] and page.lane.isVisible()
    model = window.queue_panel.model
    assert "1.0 to 1.5 s filled" in [model.index(0, column).data() for column in range(5)][3]

    # Before and after, at one place.
    qtbot.waitUntil(window.context.actions["toggle_ab"].isEnabled)
    qtbot.waitUntil(lambda: view._b.picture.complete and not view._timer.isActive())
    view.axis.seek(1.2)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_X)
    assert view.badge.text() == "B: low.wav.infiller.wav" and window.context.player.position == 1.2
    assert view.axis.selection == (1.0, 1.5)

    # Out of the window: from the page and from the row.
    assert [url.toLocalFile() for url in page.files.handle.mime().urls()] == [file]
    urls = model.mimeData([model.index(0, 0)]).urls()
    assert file in [url.toLocalFile() for url in urls]
    copy = tones / "copy.wav"
    page.files.ask_file = lambda parent, title, first, kinds, then: then(str(copy))
    page.files.export(["wav"])
    qtbot.waitUntil(copy.is_file)
    qtbot.waitUntil(lambda: len(page.files.handle.files) == 2)

    # The other task is as it was, and so is the clip.
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert view.stack.lanes == [heat] and job.state is State.DONE and job.verb == "infill"
    assert window.clips.view.columns[0].bars.rows[0][0] == "Low"


def test_rows_without_results_of_a_page_end_its_comparison(qtbot, opened, models_folder: Path, tones: Path) -> None:
    window = opened(quick_engine)
    window.take([str(tones / name) for name in ("low.wav", "high.wav")])
    qtbot.waitUntil(lambda: [job.state for job in window.runner.jobs] == [State.DONE] * 2)
    view, looking = window.clip_view, window.context.looking
    view.compare(looking.show(str(tones / "middle.flac")))
    qtbot.waitUntil(window.context.actions["compare"].isEnabled)
    qtbot.waitUntil(lambda: view._b.picture.complete)
    window.runner.remove([window.runner.jobs.at(1).id])
    assert view.comparing, "a sound that is not in the queue"
    window.runner.remove([window.runner.jobs.at(0).id])
    assert not view.comparing and view.clip is None
