"""Music from noise as a user makes it: takes side by side, heard, kept, saved, dragged out, and what lies between."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

from gui.core.jobs import State
from gui.pages.generate import GenerateView
from gui.settings import Settings
from gui.window import Window
from tests.card_fixtures import make_artifact
from tests.gui.generate_targets import RATE, engine
from tests.gui.take_fixtures import add_makers, cards, made, page, window
from tests.gui.window_fixtures import open_window

__all__ = ["page", "window"]

LEFT = Qt.MouseButton.LeftButton


def test_takes_are_made_heard_kept_and_made_anew(qtbot, window: Window, page: GenerateView) -> None:
    actions, board, player = window.context.actions, page.board(), window.context.player
    assert [model.name for model in window.clips.models] == ["maker"]
    assert board.currentWidget() is board.empty and "press Generate (Ctrl+Return)" in board.empty.text()
    hint = "Here you see and hear the take that is chosen, once it is made."
    qtbot.waitUntil(lambda: window.clip_view.hint.text() == hint)
    assert any(label.text().startswith("Takes are listed here") for label in window.queue_panel.findChildren(QLabel))
    assert not actions["keep_take"].isEnabled() and actions["keep_take"].toolTip() == "Choose a take first"
    page.form.label.setCurrentText("Rock")
    page.form.seed.setValue(7)
    page.form.count.setValue(3)
    assert page.plan.text() == "3 takes of 0.5 s by seeds 7 to 9."
    qtbot.mouseClick(page.generate, LEFT)
    shown = made(qtbot, window, 3)
    assert [card.title.text() for card in shown] == [f"Rock, seed {seed}" for seed in (7, 8, 9)]
    assert [window.takes.answer(card.id).result.seconds for card in shown] == [0.5] * 3
    qtbot.waitUntil(lambda: page.plan.text() == "These are there already: Generate draws another seed.")

    # One plays at a time, in the view below as any clip.
    seen = window.clip_view
    qtbot.waitUntil(lambda: seen.clip is not None and seen.clip.picture.complete, timeout=30_000)
    for card in (shown[1], shown[2]):
        qtbot.mouseClick(card.play, LEFT)
        qtbot.waitUntil(lambda: player.playing and player.duration > 0.4, timeout=20_000)
        assert [other.play.toolTip() for other in shown].count("Pause") == 1 and card.play.toolTip() == "Pause"
        assert window.takes.current == card.id
    qtbot.mouseClick(shown[2].play, LEFT)
    assert not player.playing
    window.clip_view.setFocus()
    qtbot.keyClick(window.clip_view, Qt.Key.Key_Space)
    assert player.playing and shown[2].play.toolTip() == "Pause"
    qtbot.keyClick(window.clip_view, Qt.Key.Key_Space)

    # What is kept stays; the others go.
    qtbot.keyClick(window.clip_view, Qt.Key.Key_P)
    assert window.takes.current == shown[1].id
    qtbot.keyClick(window.clip_view, Qt.Key.Key_K)
    assert shown[1].keep.isChecked() and window.takes.precious
    drafts = [Path(window.takes.answer(card.id).draft) for card in shown]
    qtbot.mouseClick(page.generate, LEFT)
    assert page.form.seed.value() != 7, "nobody wants the same ones again"
    later = made(qtbot, window, 4)
    qtbot.waitUntil(lambda: not later[1].visibleRegion().isEmpty())
    assert later[0] is shown[1] and [draft.exists() for draft in drafts] == [False, True, False]
    assert len(window.runner.jobs) == 4


def test_saved_and_dragged_out_of_the_window(
    qtbot, window: Window, page: GenerateView, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.form.label.setCurrentText("Folk")
    page.form.seed.setValue(7)
    page.form.count.setValue(1)
    page.form.truncation.setValue(10)
    window.context.actions["run"].trigger()
    [card] = made(qtbot, window, 1)
    results, name = Path(settings.output_folder), "Folk-seed7.maker"
    assert not results.exists(), "takes are drafts until they are saved"
    dragged: list[Path] = []
    monkeypatch.setattr(card.picture, "drag", lambda file: dragged.append(Path(file)))
    start, far = QPointF(5, 5), QPointF(60, 30)
    for kind, at, button in (
        (QEvent.Type.MouseButtonPress, start, LEFT),
        (QEvent.Type.MouseMove, far, Qt.MouseButton.NoButton),
    ):
        where = card.picture.mapToGlobal(at)
        QApplication.sendEvent(card.picture, QMouseEvent(kind, at, where, button, LEFT, Qt.KeyboardModifier.NoModifier))
    assert dragged == [results / f"{name}.wav"] and dragged[0].is_file(), "before it is dropped"
    assert soundfile.info(dragged[0]).frames == RATE // 2
    qtbot.waitUntil(window.context.actions["save_take"].isEnabled)
    window.clip_view.setFocus()
    qtbot.keyClick(window.clip_view, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    sidecar = results / f"{name}.json"
    qtbot.waitUntil(lambda: not window.takes.files.busy(card.id), timeout=20_000)
    assert sorted(file.name for file in results.iterdir()) == [f"{name}.{kind}" for kind in ("json", "png", "wav")]
    assert json.loads(sidecar.read_text("utf-8"))["settings"]["truncation"] == 0.5
    assert card.save.toolTip() == "Saved" and not window.takes.precious
    model = window.queue_panel.model
    assert {Path(url.toLocalFile()).suffix for url in model.mimeData([model.index(0, 0)]).urls()} == {
        ".json",
        ".png",
        ".wav",
    }
    window.context.actions["copy_seed"].trigger()
    assert QGuiApplication.clipboard().text() == "7"


def test_cancelling_keeps_what_is_done(qtbot, window: Window, page: GenerateView) -> None:
    page.form.label.setCurrentText("Rock")
    page.form.count.setValue(2)
    window.context.actions["run"].trigger()
    done = made(qtbot, window, 2)
    window.takes.toggle_kept(done[0].id)
    window.takes.toggle_kept(done[1].id)
    page.form.truncation.setValue(0)
    qtbot.waitUntil(window.context.actions["run"].isEnabled)
    window.context.actions["run"].trigger()
    qtbot.waitUntil(lambda: [job.state for job in window.takes.jobs][2:] == [State.RUNNING, State.WAITING])
    qtbot.waitUntil(page.cancel.isVisible)
    running = cards(window)[2]
    qtbot.waitUntil(lambda: running.state.text() == "50 %" and running.bar.value() == 500)
    assert not window.context.actions["run"].isEnabled() and not page.generate.isEnabled()
    assert page.plan.text() == "2 takes are still to be made."
    qtbot.mouseClick(page.cancel, LEFT)
    qtbot.waitUntil(lambda: not window.takes.making)
    qtbot.waitUntil(lambda: cards(window) == done)
    qtbot.waitUntil(lambda: page.generate.isEnabled() and not page.cancel.isVisible())


def test_between_two_takes(qtbot, window: Window, page: GenerateView) -> None:
    takes, actions = window.takes, window.context.actions
    page.form.count.setValue(3)
    page.form.seed.setValue(0)
    actions["run"].trigger()
    first, second, third = made(qtbot, window, 3)
    ends = takes.answer(first.id).result, takes.answer(third.id).result
    assert ends[0].label != ends[1].label, "each seed has drawn one"
    assert not actions["between_takes"].isEnabled()
    for card in (first, third):
        qtbot.mouseClick(card.keep, LEFT)
    qtbot.waitUntil(actions["between_takes"].isEnabled)
    window.clip_view.setFocus()
    qtbot.keyClick(window.clip_view, Qt.Key.Key_B)
    shown = made(qtbot, window, 6)
    assert shown[1] is second, "all that are there stay"
    way = [takes.answer(card.id).result for card in shown[3:]]
    assert [(one.seed, one.towards, one.share) for one in way] == [(0, 2, 0.25), (0, 2, 0.5), (0, 2, 0.75)]
    assert [one.label for one in way] == [ends[0].label, ends[0].label, ends[1].label]
    assert shown[3].title.text() == f"{ends[0].label}, 25 % from seed 0 to 2"

    [menu] = [action.menu() for action in shown[0].make_menu().actions() if action.menu()]
    offered = {action.text(): (action.isEnabled(), action.toolTip()) for action in menu.actions()}
    assert len(offered) == 5
    assert [able for able, _ in offered.values()] == [True, True, False, False, False]
    assert offered[shown[3].title.text()][1] == "One of them lies between two others itself."


def test_networks_of_all_kinds_and_none(qtbot, settings: Settings, tmp_path: Path, monkeypatch) -> None:
    make_artifact(tmp_path / "models" / "hears")
    monkeypatch.setenv("FSTMUSE_MODELS", str(tmp_path / "models"))
    settings.page = "generate"
    window = open_window(qtbot, settings, target=engine)
    actions, chooser = window.context.actions, window.clips.chooser
    assert not actions["generate"].isEnabled()
    assert "python -m fstmuse.train melgan-c-tiny" in actions["generate"].toolTip()
    assert not window.clips.boards.isVisible()
    assert actions["new_seed"].toolTip() == "Show the page that makes music first (Ctrl+4)"

    add_makers(tmp_path / "models")
    window.context.shelf.rescan()
    page = window.clips.view
    assert isinstance(page, GenerateView) and window.clips.boards.isVisible()
    assert page.form.label.isVisible() and page.form.label.itemText(0) == "any" and page.form.seconds.maximum() == 600
    chooser.list.item(1).setCheckState(Qt.CheckState.Checked)
    assert [model.name for model in window.clips.models] == ["report"], "one makes something new"
    assert chooser.list.item(0).checkState() == Qt.CheckState.Unchecked
    assert not page.form.label.isVisible()
    assert page.form.seconds.maximum() == pytest.approx(6.03) and "6.03 s at once" in page.form.seconds.toolTip()
    assert page.options() == {"seconds": 6.03, "label": None, "seed": 0, "truncation": 1.0}
    qtbot.waitUntil(actions["new_seed"].isEnabled)
    window.clip_view.setFocus()
    qtbot.keyClick(window.clip_view, Qt.Key.Key_N)
    assert page.form.seed.value() != 0
    assert actions["run"].isEnabled() and not actions["run_all"].isEnabled()
    chooser.list.item(1).setCheckState(Qt.CheckState.Unchecked)
    qtbot.waitUntil(lambda: not actions["run"].isEnabled())
    assert not page.generate.isEnabled() and page.plan.text() == "No model is chosen. Tick one above."
    window.close_surely()
