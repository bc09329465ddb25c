"""Takes when something is amiss: names that are taken, a cleaned cache, networks that are gone, nothing that comes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import soundfile
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from fstmuse.artifacts.card import NETWORK, read_card, sealed, write_card
from gui.core.jobs import State
from gui.pages.generate import GenerateView
from gui.settings import Settings
from gui.window import Window
from tests.card_fixtures import make_artifact
from tests.gui.generate_targets import RATE, UNLUCKY
from tests.gui.take_fixtures import cards, made, page, window

__all__ = ["page", "window"]

LEFT = Qt.MouseButton.LeftButton


def test_files_of_a_take_belong_together(qtbot, window: Window, page: GenerateView, settings: Settings) -> None:
    takes, results = window.takes, Path(settings.output_folder)
    page.form.label.setCurrentText("Folk")
    page.form.seed.setValue(7)
    page.form.count.setValue(1)
    for truncation in (20, 10):
        page.form.truncation.setValue(truncation)
        page.make()
        [card] = made(qtbot, window, 1)
        assert Path(takes.files.to_drag(card.id)).exists()
    sounds = ["Folk-seed7.maker (2).wav", "Folk-seed7.maker.wav"]
    assert sorted(file.name for file in results.iterdir()) == sounds

    # The names beside the first sound are free, but it is the second one's settings that are saved.
    takes.files.save(card.id)
    assert takes.files.saving and takes.files.busy(card.id)
    window.close()
    [question] = window.findChildren(QMessageBox)
    assert question.informativeText() == "Takes are being saved." and window.isVisible()
    question.reject()
    window.runner.remove([card.id])
    qtbot.waitUntil(lambda: not takes.files.saving, timeout=20_000)
    assert sorted(file.name for file in results.iterdir()) == sorted(
        [*sounds, "Folk-seed7.maker (2).json", "Folk-seed7.maker (2).png"]
    ), "also of a take that is gone from the queue by now"
    assert json.loads((results / "Folk-seed7.maker (2).json").read_text("utf-8"))["settings"]["truncation"] == 0.5


def test_drafts_outlive_the_folder_of_caches(qtbot, window: Window, page: GenerateView) -> None:
    page.form.count.setValue(2)
    page.make()
    second = made(qtbot, window, 2)[1]
    draft = Path(window.takes.answer(second.id).draft)
    shutil.rmtree(draft.parent)
    qtbot.mouseClick(second.title, LEFT)
    assert window.takes.current == second.id and soundfile.info(draft).frames == RATE // 2
    qtbot.waitUntil(lambda: window.clip_view.clip.picture.complete, timeout=20_000)
    assert not window.clip_view.clip.failed


def test_a_take_of_which_nothing_comes(qtbot, window: Window, page: GenerateView) -> None:
    page.form.seed.setValue(UNLUCKY)
    page.form.count.setValue(1)
    page.make()
    qtbot.waitUntil(lambda: [job.state for job in window.takes.jobs] == [State.FAILED], timeout=20_000)
    [card] = cards(window)
    qtbot.waitUntil(lambda: card.state.text() == "Nothing comes of it.")
    assert card.state.toolTip().endswith("Nothing.")
    assert card.more.isEnabled() and not card.keep.isEnabled() and not card.save.isEnabled()
    doing = {action.text(): action for action in card.make_menu().actions() if action.isEnabled()}
    assert [text for text in doing if text] == ["&Retry", "Re&move"]
    qtbot.waitUntil(lambda: page.plan.text() == f"1 take of 0.5 s by seed {UNLUCKY}.")
    doing["&Retry"].trigger()
    qtbot.waitUntil(lambda: bool(window.takes.making))
    qtbot.waitUntil(lambda: not window.takes.making, timeout=20_000)
    assert [job.state for job in window.takes.jobs] == [State.FAILED]


def test_a_network_that_is_trained_again_or_deleted(
    qtbot, window: Window, page: GenerateView, settings: Settings, tmp_path: Path
) -> None:
    takes, actions, models = window.takes, window.context.actions, tmp_path / "models"
    page.form.count.setValue(2)
    page.make()
    first, second = made(qtbot, window, 2)
    assert not takes.why_not_between(first.id, second.id)
    qtbot.waitUntil(lambda: page.plan.text() == "These are there already: Generate draws another seed.")
    (models / "maker" / NETWORK).write_bytes(b"another network")
    write_card(sealed(read_card(models / "maker"), models / "maker"), models / "maker")
    window.context.shelf.rescan()
    assert page.plan.text() == "2 takes of 0.5 s by seeds 0 to 1.", "it makes other music by the same seeds"
    assert takes.why_not_between(first.id, second.id) == "The network that made them is no longer there."

    # Takes can be saved also when no network is left to make others.
    make_artifact(models / "hears")
    for name in ("maker", "report"):
        shutil.rmtree(models / name)
    window.context.shelf.rescan()
    assert window.clips.page.verb == "classify"
    takes.chosen.emit(first.id)
    qtbot.waitUntil(lambda: not actions["new_seed"].isEnabled())
    assert actions["save_take"].isEnabled() and not actions["between_takes"].isEnabled()
    assert "Save it" in window.clips.view.columns[0].message.text()
    actions["save_take"].trigger()
    qtbot.waitUntil(lambda: not takes.files.saving, timeout=20_000)
    assert len(list(Path(settings.output_folder).iterdir())) == 3


def test_new_takes_come_into_sight_below_many_that_are_kept(qtbot, window: Window, page: GenerateView) -> None:
    page.form.count.setValue(8)
    for count in (8, 16, 17):
        page.form.count.setValue(min(8, count - len(cards(window))))
        page.make()
        for card in made(qtbot, window, count):
            if card.id not in window.takes.kept:
                window.takes.toggle_kept(card.id)
    newest = cards(window)[-1]
    assert window.takes.current == newest.id
    qtbot.waitUntil(lambda: newest.visibleRegion().boundingRect().height() == newest.height())
