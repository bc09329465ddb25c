"""What a training does in a line, and what commands say of their options in the window's words."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from fstmuse.artifacts.exports import check_out
from fstmuse.data.build import BuildOptions, build_folders
from fstmuse.data.folder import folder_manifest
from fstmuse.errors import FstMuseError
from fstmuse.inference.continuing import go_on
from fstmuse.inference.infilling import infill
from gui.core.training_messages import Step, Train
from gui.core.wording import of_the_window
from gui.panels.training_note import TrainingNote
from gui.training import Training
from gui.training_words import brief
from tests.data.tagged_sounds import sound
from tests.gui.window_fixtures import window
from tests.infill_fixtures import write_clip

__all__ = ["window"]


def test_brief_says_what_is_trained_and_how_far() -> None:
    training = SimpleNamespace(
        busy=True, state="running", step=Step("epoch 3/40", 0.5), left_s=120.0, train=Train("toymodel-pooled", "demo")
    )
    assert brief(training) == "Training the demo: epoch 3 of 40, about 2 min left"
    training.left_s = 5400.0
    assert brief(training).endswith("about 2 hours left")
    training.train, training.step = Train("toymodel-pooled", "/music"), Step("reading clips", 0.5)
    assert brief(training) == "Training: now: reading clips"
    training.busy = False
    assert brief(training) == ""


def test_the_note_is_there_while_a_training_is(qtbot, settings) -> None:
    training, told = Training(settings), []
    note = TrainingNote(training)
    qtbot.addWidget(note)
    note.told.connect(told.append)
    assert not note.isVisible()
    training.train = Train("toymodel-pooled", "demo")
    training._set("running")
    assert note.isVisible() and "Starting a process" not in note.text() and told[-1] == note.text()
    training._received(Step("epoch 3/40", 0.5))
    assert note.text() == "Training the demo: epoch 3 of 40"
    training._set("stopped")
    assert not note.isVisible() and told[-1] == ""


@pytest.mark.parametrize("several", [False, True])
def test_options_of_commands_become_controls_of_the_window(tmp_path, several) -> None:
    if several:
        for number in range(3):
            sound(tmp_path / "Jazz" / f"{number}.wav")
    sound(tmp_path / "Rock" / "one.wav") if several else sound(tmp_path / "loose.wav")
    with pytest.raises(FstMuseError, match="--") as refused:
        folder_manifest(tmp_path)
    words = of_the_window(str(refused.value))
    assert "--" not in words
    assert ("Too few of a label" if several else f"choose {tmp_path.parent}.") in words


def test_no_label_left_in_the_windows_words(tmp_path) -> None:
    sound(tmp_path / "Rock" / "one.wav")
    with pytest.raises(FstMuseError) as refused:
        build_folders(tmp_path, BuildOptions(workers=0, drop_rare=True))
    assert "--" not in of_the_window(str(refused.value))


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda clip, broken: infill(clip, find=True), "Drag over the spectrogram"),
        (lambda clip, broken: infill(broken, [(0.2, 0.3)]), "Find dropouts"),
        (lambda clip, broken: go_on(broken, 1.0), "page Fill gaps"),
        (lambda clip, broken: check_out(clip.parent, "keras", clip.with_name("there.keras")), "another name"),
    ],
)
def test_sounds_and_exports_that_cannot_be_made_name_controls_of_the_window(tmp_path, ask, words: str) -> None:
    write_clip(tmp_path / "clip.wav", None)
    write_clip(tmp_path / "broken.wav", np.nan)
    (tmp_path / "there.keras").touch()
    with pytest.raises(FstMuseError) as refused:
        ask(tmp_path / "clip.wav", tmp_path / "broken.wav")
    told = of_the_window(str(refused.value))
    assert words in told and "--" not in told and "python" not in told


def test_the_window_tells_of_a_training_and_classifies_with_what_it_made(qtbot, window) -> None:
    training = window.training
    training.train = Train("toymodel-pooled", "demo")
    training._set("running")
    training._received(Step("epoch 3/40", 0.5))
    assert window.training_note.isVisible()
    assert window.welcome.going_on.text() == window.training_note.text() == "Training the demo: epoch 3 of 40"
    qtbot.mouseClick(window.training_note, Qt.MouseButton.LeftButton)
    assert window.stack.currentWidget() is window.train_panel
    training._set("stopped")
    assert not window.training_note.isVisible()
    (model,) = window.context.shelf.models
    window.clips.chooser.choose([])
    window.train_panel.useWanted.emit(model.path)
    assert window.stack.currentWidget() is window.clips
    assert [chosen.path for chosen in window.clips.models] == [model.path]
