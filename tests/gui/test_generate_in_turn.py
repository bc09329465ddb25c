"""Music by networks that draw in turn: temperature, going on from a file, takes that were cut short."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from gui.core.jobs import State
from gui.core.messages import Result, Run, Saving, Started
from gui.pages.generate import GenerateView
from gui.settings import Settings
from gui.window import Window
from gui.work import engine as engine_module
from tests.artifact_fixtures import write_tone
from tests.card_fixtures import make_artifact
from tests.gui import generate_targets
from tests.gui.generate_targets import LABELS, RATE
from tests.gui.take_fixtures import cards, made, opened_at_page
from tests.gui.turn_targets import COLD, engine
from tests.gui.window_fixtures import drop, mime_of, names

LEFT = Qt.MouseButton.LeftButton
LONG = 30_000
"""What a child may take to start on a busy machine, in ms."""


@pytest.fixture
def window(qtbot, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """At the page, with a network that draws in turn, which is chosen, and one that draws from noise."""
    folder = tmp_path / "models"
    make_artifact(folder / "a-turns", task="generate", network="melnet-tiny", labels=LABELS)
    make_artifact(folder / "b-noise", task="generate", network="melgan-c-tiny", labels=LABELS)
    monkeypatch.setenv("FSTMUSE_MODELS", str(folder))
    yield from opened_at_page(qtbot, settings, engine)


@pytest.fixture
def page(window: Window) -> GenerateView:
    view = window.clips.view
    assert isinstance(view, GenerateView) and [model.name for model in window.clips.models] == ["a-turns"]
    view.form.seconds.setValue(0.5)
    view.form.count.setValue(1)
    return view


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_tone(tmp_path / "clips" / "my song.wav", "Low", 1.0)


def test_fields_are_those_of_the_network(
    qtbot, window: Window, page: GenerateView, clip: Path, settings: Settings
) -> None:
    form = page.form
    assert form.temperature.isVisible() and form.prime.isVisible() and not form.truncation.isVisible()
    assert (form.temperature.minimum(), form.temperature.value(), form.temperature.maximum()) == (0.05, 1.0, 2.0)
    form.temperature.setValue(0.85)
    assert page.options() == {"seconds": 0.5, "label": None, "seed": 0, "temperature": 0.85}
    assert page.plan.text() == "1 take of 0.5 s by seed 0." and "onto Prime" in page.hope.text()

    # A file by drop, by the dialog, and none.
    assert not form.prime.clear.isVisible()
    drop(form.prime.line, mime_of(clip))
    assert form.prime.line.text() == "my song.wav" and str(clip) in form.prime.line.toolTip() and not names(window)
    assert page.options()["prime"] == str(clip)
    assert page.plan.text() == "1 take of 0.5 s after my song.wav, by seed 0."
    assert form.seconds.toolTip() == "What is added to the prime, up to 600 s"
    qtbot.mouseClick(form.prime.clear, LEFT)
    assert "prime" not in page.options() and form.seconds.toolTip() == "Of each take, up to 600 s"
    qtbot.mouseClick(form.prime.choose, LEFT)
    [dialog] = form.prime.findChildren(QFileDialog)
    assert dialog.fileMode() == QFileDialog.FileMode.ExistingFile and "*.wav" in dialog.nameFilters()[0]
    dialog.filesSelected.emit([str(clip)])
    dialog.reject()
    assert page.options()["prime"] == str(clip) and settings.open_folder == str(clip.parent)

    # The other network has none of it; what was set is there again with this one.
    chooser = window.clips.chooser
    chooser.list.item(1).setCheckState(Qt.CheckState.Checked)
    assert form.truncation.isVisible() and not form.temperature.isVisible() and not form.prime.isVisible()
    assert page.options() == {"seconds": 0.5, "label": None, "seed": 0, "truncation": 1.0}
    assert form.seconds.toolTip() == "Of each take, up to 600 s" and "between it and another" in page.hope.text()
    chooser.list.item(0).setCheckState(Qt.CheckState.Checked)
    assert page.options()["prime"] == str(clip) and page.options()["temperature"] == 0.85


def test_several_files_or_a_folder_are_clips_wherever_they_are_dropped(
    qtbot, window: Window, page: GenerateView, clip: Path
) -> None:
    drop(page.form.prime.line, mime_of(clip.parent))
    qtbot.waitUntil(lambda: names(window) == ["my song.wav"], timeout=LONG)
    assert page.form.prime.path == ""


def test_takes_say_what_they_were_made_by(qtbot, window: Window, page: GenerateView, clip: Path) -> None:
    form, takes = page.form, window.takes
    form.label.setCurrentText("Rock")
    form.temperature.setValue(0.85)
    form.prime.set_path(str(clip))
    form.count.setValue(2)
    page.make()
    first, second = made(qtbot, window, 2)
    assert first.note.isVisible() and first.note.text().startswith("after my")
    assert first.accessibleDescription() == "after my song.wav"
    assert first.picture.toolTip().startswith("a-turns: 0.50 s, temperature 0.85")
    assert takes.answer(first.id).result.path.endswith("my song-seed0")

    # No noise, nothing between: it is said why, wherever it is offered.
    why = takes.why_not_between(first.id, second.id)
    assert why == "Its network draws element by element: there is no noise of two takes to be mixed."
    [between] = [action for action in first.make_menu().actions() if action.menu()]
    assert not between.isEnabled() and between.toolTip() == why
    for card in (first, second):
        takes.toggle_kept(card.id)
    action = window.context.actions["between_takes"]
    qtbot.waitUntil(lambda: action.toolTip() == why)
    assert not action.isEnabled()

    # Its settings again.
    form.temperature.setValue(1.5)
    form.prime.set_path("")
    takes.settings_wanted.emit(second.id)
    assert (form.temperature.value(), form.prime.path, form.seed.value()) == (0.85, str(clip), 1)
    form.count.setValue(1)
    qtbot.waitUntil(lambda: page.plan.text().startswith("These are there already"))


def test_what_was_cut_short_is_kept_and_says_so(qtbot, window: Window, page: GenerateView) -> None:
    page.form.temperature.setValue(COLD)
    page.form.label.setCurrentText("Rock")
    page.form.count.setValue(2)
    page.make()
    qtbot.waitUntil(lambda: [job.state for job in window.takes.jobs] == [State.RUNNING, State.WAITING], timeout=LONG)
    pid = window.runner.engine_pid
    qtbot.mouseClick(page.cancel, LEFT)
    qtbot.waitUntil(lambda: cards(window)[0].state.text() == "Finishing what there is…")
    [card] = made(qtbot, window, 1)
    assert window.runner.engine_pid == pid, "it takes longer than others may, and is let do so"
    assert card.note.isVisible() and card.accessibleDescription() == "cut short at 0.2 s"
    answer = window.takes.answer(card.id)
    assert soundfile.info(answer.draft).frames == RATE // 4
    model = window.queue_panel.model
    row = model.row_of(card.id)
    assert model.result_words(model.job(model.index(row, 0))) == "Rock, cut short at 0.2 s"
    # It is not what was wanted: the same again makes all of it, by the same seed.
    page.form.count.setValue(1)
    assert page.plan.text() == "1 take of 0.5 s by seed 0."
    page.make()
    assert page.form.seed.value() == 0 and len(window.takes.making) == 1


def test_a_take_that_is_removed_is_not_waited_for(qtbot, window: Window, page: GenerateView) -> None:
    page.form.temperature.setValue(COLD)
    page.make()
    qtbot.waitUntil(lambda: [job.state for job in window.takes.jobs] == [State.RUNNING], timeout=LONG)
    pid, id = window.runner.engine_pid, cards(window)[0].id
    window.runner.remove([id])
    assert not window.takes.jobs
    # Before it has finished what nobody wants any more.
    qtbot.waitUntil(lambda: window.runner.engine_pid != pid, timeout=LONG)


def test_a_prime_that_cannot_be_read_is_told_in_the_takes_row(
    qtbot, window: Window, page: GenerateView, tmp_path: Path
) -> None:
    page.form.prime.set_path(str(tmp_path / "gone.wav"))
    page.make()
    qtbot.waitUntil(lambda: [job.state for job in window.takes.jobs] == [State.FAILED], timeout=LONG)
    [card] = cards(window)
    words = "gone.wav: there is no such file. Choose another."
    qtbot.waitUntil(lambda: card.state.text() == words)
    model = window.queue_panel.model
    assert model.result_words(model.job(model.index(0, 0))) == words
    assert str(tmp_path) in card.state.toolTip()


@pytest.mark.parametrize("in_turn", [True, False])
def test_the_engine_hands_over_what_was_kept(tmp_path: Path, in_turn: bool) -> None:
    """With its file, although it was cancelled; of other networks what came too late has none."""
    sent: list[object] = []
    take = generate_targets.made(0.5, "Rock", 3, 1.0, "maker")

    def generate(progress, cancel, **options):
        cancel.set()  # while it draws
        return take

    engine = object.__new__(engine_module._Engine)
    engine.channel = SimpleNamespace(send=sent.append)
    engine._saving, engine._tasks = threading.Lock(), {}
    card = SimpleNamespace(in_turn=in_turn, signature="maker")
    engine._session = lambda artifact: SimpleNamespace(generate=generate, card=card)
    run = Run(1, "maker", "generate", "", {"seconds": 0.5}, Saving(str(tmp_path), ("wav",), draft=True))
    with ThreadPoolExecutor(1) as engine._writer:
        engine._run(engine_module._Task(run))
    started, result = sent
    assert started == Started(1, "maker", in_turn) and isinstance(result, Result) and result.result is take
    assert bool(result.files) == (not result.unsaved) == in_turn
