"""The queue's rows, and what can be done with them by mouse and keys."""

from __future__ import annotations

import itertools
import shutil
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QContextMenuEvent, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel

from gui.core.jobs import State
from gui.queue_model import CLIP, FRACTION, OUTPUT, PROGRESS, RESULT, STATE, QueueModel
from tests.artifact_fixtures import write_tone
from tests.gui.queue_fakes import FakeRunner, Window


@pytest.fixture
def runner() -> FakeRunner:
    return FakeRunner()


@pytest.fixture
def window(qtbot, runner: FakeRunner):
    window = Window(runner)
    qtbot.addWidget(window)
    window.resize(900, 500)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    window.queue.table.setFocus()
    yield window
    window.queue.release()


def _row(model: QueueModel, row: int) -> list[str]:
    return [model.index(row, column).data() for column in range(5)]


def _names(model: QueueModel) -> list[str]:
    return [model.index(row, CLIP).data() for row in range(model.rowCount())]


def test_model_keeps_the_rules_of_qt_through_all_that_happens(qtmodeltester, runner: FakeRunner) -> None:
    runner.add(["/c/first.wav"])
    model = QueueModel(runner)
    qtmodeltester.check(model)
    runner.add([f"/c/{name}.wav" for name in "abc"])
    runner.put(2, State.LOADING)
    runner.put(2, State.RUNNING, fraction=0.5, began=time.monotonic() - 5)
    runner.answer(2, Rock=0.9, Folk=0.1)
    runner.move([4], -2)
    runner.remove([1, 3])
    assert _names(model) == ["c.wav", "a.wav"]
    qtmodeltester.check(model)


def test_rows_say_in_words_where_they_stand(runner: FakeRunner) -> None:
    model = QueueModel(runner)
    runner.add([f"/c/{name}.wav" for name in "abcd"], artifacts=("/m/one", "/m/two"))
    assert _row(model, 0) == ["a.wav", "Waiting", "", "", ""]
    runner.put(1, State.LOADING, text="Loading one")
    assert _row(model, 0) == ["a.wav", "Loading model", "", "Loading one", ""]
    assert model.index(0, PROGRESS).data(FRACTION) < 0, "nobody knows how far it is"
    runner.put(1, State.RUNNING, text="", fraction=0.25, began=time.monotonic() - 10)
    assert _row(model, 0)[1:3] == ["Running", "25 %, 30 s left"]
    runner.put(1, State.CANCELLING)
    runner.put(1, State.CANCELLED)
    assert _row(model, 0)[1:3] == ["Cancelled", ""]
    assert model.index(0, PROGRESS).data(FRACTION) is None
    runner.answer(2, "/m/two", ["/out/b.wav.two.csv"], Folk=0.2, Rock=0.55)
    runner.answer(2, "/m/one", ["/out/b.wav.one.csv"], **{"Hip-Hop": 0.91, "Folk": 0.09})
    runner.put(2, State.LOADING, State.RUNNING, State.DONE)
    assert _row(model, 1) == [
        "b.wav",
        "Done",
        "",
        "one: Hip-Hop 0.91 · two: Rock 0.55",
        "b.wav.two.csv, b.wav.one.csv",
    ]
    assert model.index(1, RESULT).data(Qt.ItemDataRole.ToolTipRole).splitlines() == [
        "two: Rock 0.55",
        "one: Hip-Hop 0.91",
    ]
    runner.put(3, State.LOADING, State.FAILED, reason="It is silent.\nMore words")
    assert _row(model, 2)[:4] == ["c.wav", "Failed", "", "It is silent."]
    assert "More words" in model.index(2, STATE).data(Qt.ItemDataRole.ToolTipRole)
    runner.answer(4, unsaved="The disk is full.", Rock=0.9996, Folk=0.0004)
    assert _row(model, 3)[3] == "Rock >0.99"
    assert _row(model, 3)[4] == "Not saved"
    assert model.index(3, OUTPUT).data(Qt.ItemDataRole.ToolTipRole) == "The disk is full."
    icons = [model.index(row, STATE).data(Qt.ItemDataRole.DecorationRole) for row in range(4)]
    assert all(not icon.isNull() for icon in icons)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 s"), (59.4, "59 s"), (185, "3 min 05 s"), (7320, "2 h 02 min")]
)
def test_time_left_in_words(runner: FakeRunner, seconds: float, words: str) -> None:
    assert QueueModel(runner).time_words(seconds) == words


def test_empty_queue_says_what_to_do_and_gives_way_to_rows(qtbot, window: Window, runner: FakeRunner) -> None:
    hint = next(label for label in window.findChildren(QLabel) if "Drop clips" in label.text())
    assert hint.text() == "Drop clips or folders here, or press Ctrl+O"
    assert hint.isVisible()
    runner.add(["/c/a.wav"])
    assert not hint.isVisible()
    assert window.queue.table.isVisible()
    qtbot.waitUntil(window.actions_["remove"].isEnabled)
    qtbot.keyClick(window.queue.table, Qt.Key.Key_Delete)
    assert hint.isVisible()


def test_current_row_is_told_once_and_when_it_goes(qtbot, window: Window, runner: FakeRunner) -> None:
    told: list[int] = []
    window.queue.current.connect(told.append)
    runner.add([f"/c/{name}.wav" for name in "abc"])
    assert told == [1], "the first row shows itself"
    table = window.queue.table
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.mouseClick(
        table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.model().index(2, RESULT)).center()
    )
    assert told == [1, 2, 3]
    runner.remove([3])
    assert told == [1, 2, 3, 2]
    runner.remove([1, 2])
    assert told[-1] == -1


def test_keys_and_menu_act_on_all_selected_rows(qtbot, window: Window, runner: FakeRunner) -> None:
    runner.add([f"/c/{name}.wav" for name in "abcd"])
    runner.put(1, State.LOADING, State.FAILED, reason="no")
    runner.put(2, State.LOADING, State.RUNNING)
    table, actions = window.queue.table, window.actions_
    table.selectAll()
    qtbot.waitUntil(lambda: actions["retry"].isEnabled() and actions["cancel"].isEnabled())
    actions["cancel"].trigger()
    actions["retry"].trigger()
    assert runner.calls == [("cancel", 2), ("cancel", 3), ("cancel", 4), ("retry", [1])]
    table.selectRow(2)
    qtbot.waitUntil(lambda: not actions["retry"].isEnabled())
    assert "failed" in actions["retry"].toolTip()
    qtbot.keyClick(table, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert _names(window.queue.model) == ["a.wav", "c.wav", "b.wav", "d.wav"]
    assert window.queue.selected() == [3], "the selection goes along"
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "/c/c.wav"
    menu = table.make_menu()
    assert {"Retry", "Cancel", "Remove from the list", "Move up", "Show in folder", "Copy path"} <= {
        action.text().replace("&", "") for action in menu.actions()
    }
    menu.close()
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert _names(window.queue.model) == ["a.wav", "b.wav", "d.wav"]
    table.selectRow(0)
    qtbot.waitUntil(actions["remove"].isEnabled)
    window.queue.hide()
    qtbot.waitUntil(lambda: not actions["remove"].isEnabled())
    window.queue.show()
    qtbot.waitUntil(actions["remove"].isEnabled)
    table.clearSelection()
    qtbot.waitUntil(lambda: not actions["remove"].isEnabled())


def test_context_menu_opens_by_mouse_and_key(qtbot, window: Window, runner: FakeRunner) -> None:
    runner.add(["/c/a.wav"])
    for reason in (QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard):
        QApplication.sendEvent(window.queue.table.viewport(), QContextMenuEvent(reason, QPoint(5, 5), QPoint(50, 50)))
        qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
        QApplication.activePopupWidget().close()


class _Opened(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.paths: list[str] = []

    @Slot("QUrl")
    def open(self, url) -> None:
        self.paths.append(url.toLocalFile())


def test_show_in_folder_opens_the_place_of_the_result_else_of_the_clip(window, runner, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.csv").touch()
    runner.add([tmp_path / "a.wav"])
    opened = _Opened()
    QDesktopServices.setUrlHandler("file", opened, "open")
    try:
        window.actions_["show_in_folder"].setEnabled(True)
        window.actions_["show_in_folder"].trigger()
        runner.answer(1, files=[str(out / "a.csv")], Rock=1.0)
        window.actions_["show_in_folder"].trigger()
    finally:
        QDesktopServices.unsetUrlHandler("file")
    assert opened.paths == [str(tmp_path), str(out)]


def test_result_files_that_exist_can_be_dragged_out(window: Window, runner: FakeRunner, tmp_path: Path) -> None:
    real = tmp_path / "a b.csv"
    real.touch()
    runner.add(["/c/a.wav", "/c/b.wav"])
    model = window.queue.model
    assert not model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsDragEnabled
    runner.answer(1, files=[str(real), str(tmp_path / "gone.json")], Rock=1.0)
    assert model.flags(model.index(0, 0)) & Qt.ItemFlag.ItemIsDragEnabled
    window.queue.table.selectAll()
    mime = model.mimeData(window.queue.table.selectedIndexes())
    assert [url.toLocalFile() for url in mime.urls()] == [str(real)]
    real.unlink()
    assert model.mimeData(window.queue.table.selectedIndexes()) is None


def test_report_names_what_was_skipped_and_copies_the_list(qtbot, window, runner, tones: Path, broken: Path) -> None:
    report = window.queue.report
    assert not report.isVisible()
    shutil.copy(tones / "low.wav", tones / "other.wav")
    runner.add([tones / "low.wav"])
    with qtbot.waitSignal(window.queue.intaking.finished):
        window.queue.take([str(tones), str(broken), str(tones / "gone.wav")])
    assert report.isVisible()
    assert report.words == "3 clips added, 3 skipped, 1 of them in the queue already"
    assert window.said == [], "the same is not told twice"
    assert window.queue.current_id == 2, "the first new row is shown"
    dialog = report.show_details()
    assert [dialog.list.topLevelItem(row).text(0) for row in range(3)] == ["low.wav", "broken.mp3", "gone.wav"]
    qtbot.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[2] == f"{tones / 'gone.wav'}\tNo such file. Check the path."
    dialog.close()
    with qtbot.waitSignal(window.queue.intaking.finished):
        window.queue.take([str(broken)])
    assert report.words.startswith("No clip added, 1 skipped: broken.mp3: Holds text")
    qtbot.mouseClick(report.close_button, Qt.MouseButton.LeftButton)
    assert not report.isVisible()
    with qtbot.waitSignal(window.queue.intaking.finished):
        window.queue.take([str(tones / "low.wav"), str(broken), str(tones / "gone.wav")])
    words = "No clip added, 3 skipped, 1 of them in the queue already. For example: broken.mp3: Holds text"
    assert report.words.startswith(words)


def test_what_went_well_is_told_in_the_status_bar_alone(qtbot, window, tones: Path, broken: Path) -> None:
    for paths, stays in (([broken], True), ([tones], False)):
        with qtbot.waitSignal(window.queue.intaking.finished):
            window.queue.take(map(str, paths))
        assert window.queue.report.isVisible() == stays
    assert window.said == ["3 clips added"]


def test_clip_that_is_there_already_is_shown(qtbot, window: Window, runner: FakeRunner, tones: Path) -> None:
    runner.add([tones / "high.wav", tones / "low.wav"])
    with qtbot.waitSignal(window.queue.intaking.finished):
        window.queue.take([str(tones / "low.wav")])
    assert window.queue.report.words == "No clip added, 1 skipped: low.wav: It is in the queue already."
    assert window.queue.current_id == 2


def test_200_clips_come_in_without_a_long_turn(qtbot, window: Window, runner: FakeRunner, tmp_path: Path) -> None:
    first = write_tone(tmp_path / "many" / "000.wav", "Low", 0.5)
    paths = [str(first)]
    for index in range(1, 200):
        paths.append(shutil.copy(first, tmp_path / "many" / f"{index:03}.wav"))
    turns: list[float] = []
    beat = QTimer(interval=0)
    beat.timeout.connect(lambda: turns.append(time.perf_counter()))
    beat.start()
    with qtbot.waitSignal(window.queue.intaking.finished, timeout=10_000):
        turns.append(time.perf_counter())
        window.queue.take(paths)
    qtbot.waitUntil(lambda: window.queue.model.rowCount() == 200)
    QApplication.processEvents()
    beat.stop()
    longest = max(after - before for before, after in itertools.pairwise(turns))
    print(f"longest turn {longest * 1e3:.1f} ms over {turns[-1] - turns[0]:.3f} s")
    assert longest < 0.25
    assert window.queue.report.words == "200 clips added"
