"""Filling gaps as a user does: mark by the mouse or have dropouts found, run, compare by one key, save, drag out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication

from gui.core.jobs import State
from gui.gap_words import expected, reason_words, total_words, width_words
from gui.pages.infill import InfillView
from gui.settings import Settings
from gui.window import Window
from gui.work.engine import main as real_engine
from tests.gui.infill_parts import add_infiller
from tests.gui.shell_targets import engine as quick_engine
from tests.gui.view_fixtures import drag, place
from tests.gui.window_fixtures import open_window
from tests.infill_fixtures import GAP_S, RATE, write_clip

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def opened(qtbot, small_filler: Path, models_folder: Path, settings: Settings):
    """Opens a window at the page of gaps."""
    made: list[Window] = []
    add_infiller(small_filler, models_folder / "infiller")
    settings.page = "infill"

    def open_with(target, *clips: Path) -> tuple[Window, InfillView]:
        window = open_window(qtbot, settings, target=target)
        made.append(window)
        window.take([str(clip) for clip in clips])
        qtbot.waitUntil(lambda: len(window.runner.jobs) == len(clips))
        view = window.clip_view
        qtbot.waitUntil(lambda: view.clip is not None and view.clip.picture.complete and not view._timer.isActive())
        return window, window.clips.view

    yield open_with
    for window in made:
        window.close_surely()
        window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def cells(page: InfillView) -> list[list[str]]:
    table = page.gaps.table
    return [[table.item(row, column).text() for column in range(4)] for row in range(table.rowCount())]


def select(qtbot, window: Window, start_s: float, end_s: float) -> None:
    lane = window.clip_view.stack.spectrogram
    drag(qtbot, lane, place(lane, start_s), place(lane, end_s))


def test_mark_run_compare_save_and_drag_out(qtbot, opened, settings: Settings, tmp_path: Path) -> None:
    write_clip(tmp_path / "take.wav")
    settings.formats = ("csv", "json")
    window, page = opened(real_engine, tmp_path / "take.wav")
    job, view, actions = window.runner.jobs.at(0), window.clip_view, window.context.actions
    assert job.state is State.IDLE, "nothing is filled before it is marked"
    assert "Nothing is marked" in page.plan.text() and not page.gaps.add.isEnabled()

    # Two gaps by the mouse; the second one was none.
    select(qtbot, window, *GAP_S)
    start_s, end_s = view.axis.selection
    assert start_s == pytest.approx(GAP_S[0], abs=0.01) and end_s == pytest.approx(GAP_S[1], abs=0.01)
    assert "fills 1 gap of" in page.plan.text() and "held notes" in page.hope.text()
    qtbot.mouseClick(page.gaps.add, LEFT)
    select(qtbot, window, 1.2, 1.6)
    assert "The selection is not among them" in page.plan.text()
    qtbot.mouseClick(page.gaps.add, LEFT)
    assert len(cells(page)) == 2 and "2 gaps" in page.plan.text() and "Wider than 250 ms" in page.hope.text()
    assert view.axis.marked == tuple(gap.span for gap in page.gaps.gaps)
    page.gaps.table.selectRow(1)
    page.gaps.table.setFocus()
    qtbot.keyClick(page.gaps.table, Qt.Key.Key_Delete)
    assert len(cells(page)) == 1 and len(window.runner.jobs) == 1, "the clip stays"
    assert view.axis.marked == ((start_s, end_s),)

    qtbot.mouseClick(window.toolbar.widgetForAction(actions["run"]), LEFT)
    assert job.options == {"gaps": [(start_s, end_s)], "seed": 0}
    assert "infiller: " in page.answers.text()
    qtbot.waitUntil(lambda: job.state is State.DONE, timeout=90_000)

    # What is outside the gap is as it was, and something is in it.
    file = Path(settings.output_folder) / "take.wav.infiller.wav"
    before, _ = soundfile.read(tmp_path / "take.wav", dtype="float32")
    after, rate = soundfile.read(file, dtype="float32")
    first, last = round(start_s * RATE), round(end_s * RATE)
    assert (
        rate == RATE and np.array_equal(before[:first], after[:first]) and np.array_equal(before[last:], after[last:])
    )
    assert np.abs(after[first:last]).max() > 0.01
    assert json.loads(file.with_suffix(".json").read_text("utf-8"))["gaps"][0]["start_sample"] == first
    assert (
        "Filled: 1 gap of" in page.answers.text() and "Filled: 1 gap of" in window.queue_panel.model.index(0, 3).data()
    )

    # Before and after, at one place, by one key; after that it is the filled clip, for that is what was asked for.
    qtbot.waitUntil(actions["toggle_ab"].isEnabled)
    assert view.badge.text() == f"B: {file.name}"
    qtbot.waitUntil(lambda: view.second.picture.complete and not view._timer.isActive())
    view.axis.seek(0.9)
    view.setFocus()
    for letter, name in (("A", "take.wav"), ("B", file.name)):
        qtbot.keyClick(view, Qt.Key.Key_X)
        assert view.badge.text() == f"{letter}: {name}" and window.context.player.position == 0.9
    assert view.axis.marked == ((start_s, end_s),)

    # Another try takes the place of the first one, while that is heard.
    page.seed.setValue(7)
    assert "another seed" in page.answers.text()
    qtbot.mouseClick(window.toolbar.widgetForAction(actions["run"]), LEFT)
    qtbot.waitUntil(lambda: job.state is State.DONE, timeout=20_000)
    assert view.badge.text() == f"B: {file.stem} (2).wav" and "another seed" not in page.answers.text()

    # Out of the window.
    [picture] = [tmp_path / "before and after.png"]
    page.files.ask_file = lambda parent, title, first, kinds, then: then(str(picture))
    page.files.export(["png"])
    qtbot.waitUntil(lambda: picture.is_file() and not page.files._export.busy, timeout=20_000)
    dragged = [Path(url.toLocalFile()).name for url in page.files.handle.mime().urls()]
    assert dragged == [f"{file.stem} (2).wav", f"{file.stem} (2).json", picture.name]


def test_dropouts_are_found_or_said_to_be_none(qtbot, opened, tmp_path: Path) -> None:
    write_clip(tmp_path / "damaged.wav", seconds=12.0)
    write_clip(tmp_path / "sound.wav", damage=None)
    window, page = opened(quick_engine, tmp_path / "damaged.wav", tmp_path / "sound.wav")
    axis, jobs = window.clip_view.axis, list(window.runner.jobs)
    qtbot.mouseClick(page.gaps.find, LEFT)
    assert page.gaps.note.text() == "Dropouts are being looked for." and not page.gaps.find.isEnabled()
    qtbot.waitUntil(lambda: bool(cells(page)), timeout=20_000)
    assert cells(page) == [["0:00.800", "0:01.000", "200 ms", "silent"]]
    assert axis.marked == (GAP_S,) and page.gaps.note.text() == "Dropouts found: 1."
    qtbot.mouseClick(page.gaps.find, LEFT)
    qtbot.waitUntil(page.gaps.find.isEnabled, timeout=20_000)
    assert len(cells(page)) == 1 and "but those that are marked" in page.gaps.note.text()

    # A gap that was found is mended by its handles.
    page.gaps.table.selectRow(0)
    assert axis.selection == GAP_S
    axis.select(0.75, 1.0)
    assert page.gaps.add.text() == "Change gap"
    qtbot.mouseClick(page.gaps.add, LEFT)
    assert axis.marked == ((0.75, 1.0),) and page.options()["gaps"] == [(0.75, 1.0)]
    assert axis.timeline.span == pytest.approx(1.2), "it was too narrow to be dragged"
    assert page.options(part=False, job=jobs[0])["gaps"] == [(0.75, 1.0)], "also when another clip is shown"
    assert page.options(part=False, job=jobs[1]) == page.options(part=False) == {"find": True, "seed": 0}

    # Of another clip nothing is known, and coming back loses nothing.
    window.queue_panel.choose(jobs[1].id)
    qtbot.waitUntil(lambda: window.clip_view.clip.path == jobs[1].path)
    assert cells(page) == [] and axis.marked == () and page.options()["find"]
    qtbot.mouseClick(page.gaps.find, LEFT)
    qtbot.waitUntil(page.gaps.find.isEnabled, timeout=20_000)
    assert "No dropout was found" in page.gaps.note.text()
    window.queue_panel.choose(jobs[0].id)
    assert axis.marked == ((0.75, 1.0),) and page.gaps.note.text() == ""

    # Other tasks have no marks, and nobody waits for what is looked for.
    qtbot.mouseClick(page.gaps.find, LEFT)
    window.context.actions["classify"].trigger()
    assert axis.marked == () and not page.gaps.finding.busy
    window.context.actions["infill"].trigger()
    assert axis.marked == ((0.75, 1.0),)


def test_samples_that_are_no_numbers_are_silent_and_the_clip_is_seen_heard_and_searched(
    qtbot, opened, tmp_path: Path
) -> None:
    write_clip(tmp_path / "broken.wav", np.nan)
    window, page = opened(quick_engine, tmp_path / "broken.wav")
    view = window.clip_view
    assert view.clip.failed == "" and view.stack.isVisible() and view.axis.duration == 2.0
    assert view.notice.isVisible() and "hatched" in view.notice.text()
    inside, outside = (view.clip.pcm.read(round(seconds * RATE), 100) for seconds in (0.9, 0.5))
    assert not inside.any() and outside.any()
    view.play_pause()
    qtbot.waitUntil(lambda: window.context.player.position > 0.02)
    view.play_pause()
    qtbot.mouseClick(page.gaps.find, LEFT)
    qtbot.waitUntil(lambda: bool(cells(page)), timeout=20_000)
    assert cells(page) == [["0:00.800", "0:01.000", "200 ms", "not a number"]]


def test_a_clip_that_cannot_be_searched_says_why(qtbot, opened, tmp_path: Path) -> None:
    write_clip(tmp_path / "gone.wav")
    _, page = opened(quick_engine, tmp_path / "gone.wav")
    (tmp_path / "gone.wav").unlink()
    qtbot.mouseClick(page.gaps.find, LEFT)
    qtbot.waitUntil(page.gaps.find.isEnabled, timeout=20_000)
    assert "Dropouts cannot be looked for" in page.gaps.note.text() and "gone.wav" in page.gaps.note.text()


def test_a_network_that_was_just_trained_is_used_on_its_own_page(
    qtbot, opened, models_folder: Path, tmp_path: Path
) -> None:
    write_clip(tmp_path / "take.wav")
    window, page = opened(quick_engine, tmp_path / "take.wav")
    window.show_page("train")
    window.train_panel.useWanted.emit(str(models_folder / "tones"))
    assert window.clips.page.verb == "classify" and [model.name for model in window.clips.models] == ["tones"]
    window.train_panel.useWanted.emit(str(models_folder / "infiller"))
    assert window.clips.view is page and [model.name for model in window.clips.models] == ["infiller"]
    assert window.context.actions["infill"].isChecked() and page.isVisible()


def test_words_of_gaps() -> None:
    assert [width_words(seconds) for seconds in (0.00005, 0.04, 0.9996, 2.5)] == [
        "0.05 ms",
        "40 ms",
        "1000 ms",
        "2.500 s",
    ]
    assert total_words([(0.0, 0.04)]) == "1 gap of 40 ms"
    assert total_words([(0.0, 0.04), (1.0, 1.06)]) == "2 gaps, 100 ms in all"
    assert reason_words("silent and not a number") == "silent, not a number" and reason_words("") == ""
    assert expected([]) == ""
    told = [expected([(0.0, 0.01), (1.0, 1.0 + width)]) for width in (0.04, 0.25, 0.3)]
    assert [text.partition(" ")[0] for text in told] == ["Up", "From", "Wider"]
