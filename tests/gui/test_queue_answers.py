"""Which answers the queue shows, and when clips are asked by themselves: it follows the models that are ticked."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from fstmuse.artifacts.card import CARD, NETWORK
from fstmuse.artifacts.shelf import Model, look
from gui.core.jobs import State
from gui.queue_model import RESULT, STATE, QueueModel
from gui.settings import Settings
from gui.window import Window
from tests.artifact_fixtures import write_tone
from tests.gui.queue_fakes import FakeRunner
from tests.gui.test_chooser import add_model
from tests.gui.window_fixtures import all_done, open_window, window

__all__ = ["window"]


@pytest.fixture
def models(models_folder: Path) -> tuple[Model, Model]:
    return look(models_folder / "tones"), look(add_model(models_folder, "other"))


def _result(model: QueueModel, row: int = 0) -> str:
    return model.index(row, RESULT).data()


def test_result_is_that_of_the_ticked_models(models: tuple[Model, Model]) -> None:
    runner = FakeRunner()
    model = QueueModel(runner)
    tones, other = models
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last, *_: told.append((first.row(), last.row())))
    runner.add(["/c/a.wav", "/c/b.wav"], artifacts=(tones.path,))
    for job in (1, 2):
        runner.answer(job, tones.path, Rock=0.9, Folk=0.1)
        runner.put(job, State.LOADING, State.RUNNING, State.DONE, pending=[])
    runner.answer(1, other.path, Folk=0.7, Rock=0.3)
    told.clear()
    model.follow("classify", (tones,), models)
    assert [_result(model, 0), _result(model, 1)] == ["Rock 0.90", "Rock 0.90"]
    model.follow("classify", (other,), models)
    assert [_result(model, 0), _result(model, 1)] == ["Folk 0.70", "Not asked yet"]
    assert told == [(0, 1)] * 2
    model.follow("classify", (other,), models)
    assert told == [(0, 1)] * 2, "nothing has changed"
    model.follow("classify", models, models)
    assert [_result(model, 0), _result(model, 1)] == ["tones: Rock 0.90 · other: Folk 0.70", "tones: Rock 0.90"]
    model.follow("classify", (), models)
    assert [_result(model, 0), _result(model, 1)] == ["tones: Rock 0.90"] * 2
    model.follow("tag", (tones,), models)
    assert _result(model, 0) == "Not asked yet"
    assert model.index(0, RESULT).data(Qt.ItemDataRole.ToolTipRole).splitlines() == [
        "tones: Rock 0.90",
        "other: Folk 0.70",
    ]
    runner.put(2, State.WAITING, pending=[other.path])
    model.follow("classify", (other,), models)
    assert _result(model, 1) == "", "it is about to be"


def test_each_model_s_failure_is_its_own(models: tuple[Model, Model]) -> None:
    runner = FakeRunner()
    model = QueueModel(runner)
    tones, other = models
    runner.add(["/c/a.wav"], artifacts=(tones.path, other.path))
    job = runner.jobs.get(1)
    job.note_failure(tones.path, "It is damaged.\nMore", "")
    runner.put(1, State.LOADING, State.FAILED, pending=[])
    job.artifacts = (other.path,)
    job.ask(job.artifacts)
    runner.answer(1, other.path, Folk=0.7, Rock=0.3)
    runner.put(1, State.LOADING, State.RUNNING, State.DONE, pending=[])
    for ticked, words in (
        ((other,), "Folk 0.70"),
        ((tones,), "It is damaged."),
        (models, "other: Folk 0.70 · tones: It is damaged."),
    ):
        model.follow("classify", ticked, models)
        assert _result(model) == words
    for each in models:
        job.note_failure(each.path, "/c/a.wav: no sound.", "")
    del job.answers["classify", other.path]
    assert _result(model) == "no sound.", "of the clip, told once"


def test_a_row_that_was_last_asked_something_else_says_so() -> None:
    runner = FakeRunner()
    model = QueueModel(runner)
    runner.add(["/c/done.wav", "/c/waits.wav"])
    runner.add(["/c/idle.wav"], run=False)
    runner.put(1, State.LOADING, State.RUNNING, State.DONE, pending=[])
    told: list[int] = []
    model.dataChanged.connect(lambda first, last, *_: told.append(first.column()))
    tasks = {"classify": "Classify", "infill": "Fill gaps"}
    for verb, words in (("infill", ["Done (Classify)", "Waiting (Classify)"]), ("classify", ["Done", "Waiting"])):
        model.follow(verb, (), (), tasks)
        assert [model.index(row, STATE).data() for row in range(3)] == [*words, "Not asked"]
    assert told == [STATE] * 2


def test_answers_of_models_that_are_gone_or_trained_again_say_so(models: tuple[Model, Model]) -> None:
    runner = FakeRunner()
    model = QueueModel(runner)
    tones, other = models
    runner.add(["/c/a.wav"], artifacts=(tones.path,))
    runner.answer(1, tones.path, Rock=0.9, Folk=0.1)
    runner.put(1, State.LOADING, State.RUNNING, State.DONE, pending=[])
    job = runner.jobs.get(1)
    job.take(dataclasses.replace(job.answers["classify", tones.path], signature=tones.card.signature))
    model.follow("classify", (tones,), models)
    assert _result(model) == "Rock 0.90"
    again = dataclasses.replace(tones, card=dataclasses.replace(tones.card, checksums={NETWORK: "f" * 64}))
    model.follow("classify", (again,), (again, other))
    assert _result(model) == "Rock 0.90 (earlier version)"
    model.follow("classify", (other,), (other,))
    assert _result(model) == "tones: Rock 0.90 (model no longer installed)"
    runner.answer(1, other.path, Folk=0.7, Rock=0.3)
    assert _result(model) == "Folk 0.70"


def test_clips_that_came_before_there_was_a_model_are_asked_when_there_is_one(
    qtbot, tone_artifact: Path, models_folder: Path, settings: Settings, tones: Path
) -> None:
    shutil.rmtree(models_folder / "tones")
    window = open_window(qtbot, settings)
    try:
        window.take([str(tones)])
        qtbot.waitUntil(lambda: len(window.runner.jobs) == 3)
        assert {job.state for job in window.runner.jobs} == {State.IDLE}
        settings.run_on_drop = False
        shutil.copytree(tone_artifact, models_folder / "first")
        qtbot.waitUntil(lambda: [model.name for model in window.clips.models] == ["first"])
        assert {job.state for job in window.runner.jobs} == {State.IDLE}, "they wait for Run"
        settings.run_on_drop = True
        shutil.copytree(tone_artifact, models_folder / "trained")
        qtbot.waitUntil(lambda: len(window.context.shelf.models) == 2)
        window.train_panel.useWanted.emit(str(models_folder / "trained"))
        assert not any(job.state is State.IDLE for job in window.runner.jobs)
        qtbot.waitUntil(lambda: all_done(window, 3))
        assert {job.artifacts for job in window.runner.jobs} == {(str(models_folder / "trained"),)}
    finally:
        window.close_surely()


def test_a_model_that_was_trained_again_is_asked_again(qtbot, window: Window, models_folder: Path, tones: Path) -> None:
    window.take([str(tones / "low.wav")])
    qtbot.waitUntil(lambda: all_done(window, 1))
    [job] = window.runner.jobs
    [(key, answer)] = job.answers.items()
    [column] = window.clips.view.columns
    job.take(dataclasses.replace(answer, signature=window.clips.models[0].card.signature))
    assert not window.clips.ask([job.id], fresh=False), "nothing is missing"
    card = models_folder / "tones" / CARD
    fields = json.loads(card.read_text())
    fields["checksums"][NETWORK] = "f" * 64
    card.write_text(json.dumps(fields))
    window.context.shelf.rescan()
    [column] = window.clips.view.columns
    assert "earlier version" in column.note.text()
    qtbot.waitUntil(column.bars.isVisible)
    assert window.clips.ask([job.id], fresh=False) == 1
    qtbot.waitUntil(lambda: all_done(window, 1) and job.answers[key] is not answer)
    qtbot.waitUntil(lambda: column.note.text() == "")


def test_cancelling_what_was_asked_again_keeps_the_answer_from_before(qtbot, window: Window, tmp_path: Path) -> None:
    clip = write_tone(tmp_path / "low.wav", "Low", 1.0)
    window.take([str(clip)])
    qtbot.waitUntil(lambda: all_done(window, 1))
    [job] = window.runner.jobs
    [answer] = job.answers.values()
    [column], view = window.clips.view.columns, window.clips.view
    job.path = str(tmp_path / "wait.wav")  # the engine's word for an answer that takes its time
    window.clips.ask([job.id], fresh=True)
    qtbot.waitUntil(lambda: job.state is State.RUNNING)
    job.path = str(clip)
    window.runner.cancel(job.id)
    qtbot.waitUntil(lambda: job.state is State.CANCELLED)
    assert list(job.answers.values()) == [answer]
    assert column.bars.isVisible() and "from before" in column.note.text()
    assert view.files.export_button.isEnabled()
    assert _result(window.queue_panel.model) == "Low 0.90"


def test_a_clip_that_was_overwritten_and_is_asked_again_is_shown_anew(qtbot, window: Window, tmp_path: Path) -> None:
    clip = write_tone(tmp_path / "low.wav", "Low", 1.0)
    window.take([str(clip)])
    qtbot.waitUntil(lambda: all_done(window, 1) and window.clip_view.clip.picture.complete)
    before = window.clip_view.clip
    window.clips.ask([window.runner.jobs.at(0).id], fresh=True)
    assert window.clip_view.clip is before
    qtbot.waitUntil(lambda: all_done(window, 1))
    write_tone(clip, "High", 2.0)
    window.runner.retry([window.runner.jobs.at(0).id])
    qtbot.waitUntil(lambda: all_done(window, 1) and window.clip_view.clip is not before)
    qtbot.waitUntil(lambda: window.clip_view.axis.duration == pytest.approx(2.0))


def test_many_rows_are_removed_at_once(qtbot, window: Window, tmp_path: Path) -> None:
    runner, table = window.runner, window.queue_panel.table
    adding, removing = {300: [], 3000: []}, {300: [], 3000: []}
    for count in (300, 3000) * 3:
        paths = [str(tmp_path / f"{n}.wav") for n in range(count)]
        kept = (0, 7 * count // 30, count // 2)
        # This thread's time alone, and its least of three: what else keeps the cores busy is none of this.
        began = time.thread_time()
        runner.add(paths, "classify", (), {}, None, run=False)
        adding[count].append(time.thread_time() - began)
        table.selectAll()
        for row in kept:
            table.selectionModel().select(
                table.model().index(row, 0),
                table.selectionModel().SelectionFlag.Deselect | table.selectionModel().SelectionFlag.Rows,
            )
        began = time.thread_time()
        window.queue_panel.remove_selected()
        removing[count].append(time.thread_time() - began)
        assert [job.name for job in runner.jobs] == [f"{n}.wav" for n in kept]
        assert window.queue_panel.selected() == [runner.jobs.at(2).id]
        runner.remove([job.id for job in runner.jobs])
    few, many, added = min(removing[300]), min(removing[3000]), min(adding[3000])
    print(f"{few * 1e3:.0f} and {many * 1e3:.0f} ms, added in {added * 1e3:.0f} ms")
    assert many < 20 * few, "ten times as many take about ten times as long"
    assert many < 30 * added, "some 0.1 s where adding takes 0.01"
