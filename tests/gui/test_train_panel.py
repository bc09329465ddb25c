"""The page that trains, driven as a user does; the child is played by its messages."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit

from fstmuse.networks.catalogue import CATALOGUE
from fstmuse.training.config import resolve
from fstmuse.training.run import RunFolder
from gui.core.messages import Failed
from gui.core.training_messages import Epoch, Figure, Said, Step, Train, Trained
from gui.core.wording import rough_time
from gui.panels.setting_fields import NAMES
from gui.panels.train_panel import TrainPanel
from gui.training import Training

METRICS = {
    "accuracy": 0.926,
    "accuracy_interval": [0.852, 0.981],
    "balanced_accuracy": 0.926,
    "majority": 0.333,
    "n": 54,
}
ROW = {"epoch": 1, "loss": 1.0, "accuracy": 0.5, "val_loss": 0.9, "val_accuracy": 0.6}


class Rehearsal(Training):
    """A training whose child is played by the test."""

    def __init__(self, settings: object) -> None:
        super().__init__(settings)
        self.asked: list[Train] = []

    def start(self, train: Train) -> bool:
        if self.busy:
            return False
        self.asked.append(train)
        self._forget()
        self.train = train
        self._set("running")
        return True

    def stop(self) -> None:
        self._set("stopping")

    def hear(self, *messages: object) -> None:
        for message in messages:
            self._received(message)

    def end(self, message: object = None, code: int = 0) -> None:
        if message is not None:
            self._received(message)
        self._ended(code)


@pytest.fixture
def context(settings) -> SimpleNamespace:
    told: list[str] = []
    errors: list[tuple[str, str, str]] = []
    return SimpleNamespace(
        settings=settings, say=told.append, error=lambda *parts: errors.append(parts), told=told, errors=errors
    )


@pytest.fixture
def panel(qtbot, context) -> Iterator[TrainPanel]:
    made = TrainPanel(context, Rehearsal(context.settings))
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made._training.close()


def choose_kind(panel: TrainPanel, kind: str) -> None:
    panel.form.data.kind.setCurrentIndex(panel.form.data.kind.findData(kind))


def begin_run(name: str, **settings: object) -> RunFolder:
    run = RunFolder(Path(os.environ["FSTMUSE_RUNS"]) / name)
    run.begin(resolve("shortchunk", {"data": "demo", **settings}), {})
    run.write_history([{"epoch": 1, "loss": 1.0}])
    return run


def click(qtbot, button: QAbstractButton) -> None:
    assert button.isVisible() and button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_settings_begin_as_the_preset_has_them_and_only_changes_are_asked_for(qtbot, panel) -> None:
    form = panel.form
    assert {form.network.itemText(row) for row in range(form.network.count())} == set(CATALOGUE)
    for name in CATALOGUE:
        form.network.setCurrentText(name)
        preset = resolve(name, {})
        assert {key: field.value() for key, field in form.fields.items()} == {
            key: getattr(preset, key) for key in NAMES
        }
        assert f"{CATALOGUE[name].parameters:,} weights" in form.about.text()
        assert form.train() == Train(name, "demo")
    form.network.setCurrentText("toymodel-pooled")
    form.fields["epochs"].setValue(7)
    form.fields["learning_rate"].setValue(0.0005)
    assert form.fields["learning_rate"].text() == "0.0005"
    qtbot.keyClicks(form.fields["labels"], "Folk, Rock")
    form.fields["class_weights"].setChecked(False)
    form.fields["schedule"].setCurrentText("constant")
    qtbot.keyClicks(form.name, "mine")
    click(qtbot, panel.start)
    assert panel._training.asked == [
        Train(
            "toymodel-pooled",
            "demo",
            "mine",
            {
                "epochs": 7,
                "learning_rate": 0.0005,
                "labels": ("Folk", "Rock"),
                "class_weights": False,
                "schedule": "constant",
            },
        )
    ]
    assert not form.isEnabled() and not panel.start.isEnabled()


def test_what_cannot_be_started_says_why(qtbot, panel, tmp_path) -> None:
    choose_kind(panel, "folder")
    assert not panel.start.isEnabled()
    assert "one folder per label" in panel.problem.text() and panel.problem.isVisible()
    panel.form.data.line.setText(str(tmp_path / "absent"))
    assert f"There is no folder {tmp_path / 'absent'}." in panel.start.toolTip()
    panel.form.data.line.setText(str(tmp_path))
    assert panel.start.isEnabled() and not panel.problem.isVisible()
    assert panel.form.train().data == str(tmp_path)
    choose_kind(panel, "manifest")
    assert not panel.start.isEnabled()
    (tmp_path / "my.csv").touch()
    panel.form.data.line.setText(str(tmp_path / "my.csv"))
    assert panel.form.train().data == str(tmp_path / "my.csv")
    choose_kind(panel, "folder")
    assert panel.form.data.line.text() == str(tmp_path), "each kind remembers its place"
    qtbot.keyClicks(panel.form.name, "../up")
    assert "letters, digits" in panel.problem.text()
    panel.form.name.clear()
    panel.form.fields["freq_mask"].setValue(65)
    assert "freq_mask" in panel.problem.text()
    choose_kind(panel, "demo")
    panel.form.fields["freq_mask"].setValue(8)
    assert panel.start.isEnabled()


def test_fma_can_be_chosen_where_it_is(panel) -> None:
    item = panel.form.data.kind.model().item(panel.form.data.kind.findData("fma_small"))
    assert not item.isEnabled() and "fetch fma_small" in item.toolTip()
    (Path(os.environ["FSTMUSE_DATA"]) / "fma_small").mkdir(parents=True)
    panel.look()
    assert item.isEnabled()
    choose_kind(panel, "fma_small")
    assert panel.form.train().data == "fma_small" and panel.start.isEnabled()


def test_progress_is_shown_in_words_bar_curves_numbers_pictures_and_log(qtbot, panel, tmp_path) -> None:
    training, progress = panel._training, panel.progress
    assert progress.status.text() == "No training is going on."
    assert not progress.bar.isVisible() and not progress.stop.isVisible()
    click(qtbot, panel.start)
    assert "Starting" in progress.status.text() and progress.bar.maximum() == 0
    training.hear(Said("Training toymodel-pooled on demo."), Step("reading clips", 0.25))
    assert (progress.status.text(), progress.bar.value()) == ("Now: reading clips", 250)
    picture = QImage(40, 20, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.red)
    assert picture.save(str(tmp_path / "examples.png"))
    training.hear(Figure(str(tmp_path / "examples.png")), Step("epoch 1/40", 0.5))
    assert (progress.status.text(), progress.bar.value()) == ("Epoch 1 of 40", 12)
    training.hear(Epoch(ROW, 40), Epoch(ROW | {"epoch": 2}, 40), Step("epoch 3/40", 0.0, 600.0))
    assert (progress.status.text(), progress.bar.value()) == ("Epoch 3 of 40, about 10 min left", 50)
    assert [row["epoch"] for row in progress.curves.loss.rows] == [1, 2]
    assert progress.table.model().rowCount() == 2
    assert progress.log.toPlainText() == "Training toymodel-pooled on demo."
    (shown,) = progress.pictures.shown.values()
    assert shown.image.width() == 40
    assert picture.scaled(80, 40).save(str(tmp_path / "examples.png"))
    training.hear(Figure(str(tmp_path / "examples.png")))
    assert shown.image.width() == 80, "a changed picture is read again"
    training.hear(Epoch(ROW | {"epoch": 2, "loss": 0.3}, 40))
    assert [row["loss"] for row in progress.curves.loss.rows] == [1.0, 0.3], "an epoch done again replaces itself"
    click(qtbot, progress.stop)
    assert training.state == "stopping"
    assert "Stopping" in progress.status.text() and not progress.stop.isEnabled()
    training.end(Failed(0, "", "Cancelled", "Stopped."))
    assert training.state == "stopped" and "is kept" in progress.status.text()
    assert panel.form.isEnabled()
    click(qtbot, progress.again)
    assert training.asked[1] == training.asked[0]
    assert not progress.pictures.shown and progress.log.toPlainText() == ""


def test_the_end_has_figures_with_n_and_hands_the_network_on(qtbot, panel, context) -> None:
    trained = []
    panel.trained.connect(trained.append)
    click(qtbot, panel.start)
    panel._training.end(Trained("/models/demo", METRICS))
    text = panel.progress.result.text()
    for needed in ("92.6 %", "n = 54", "85.2 % to 98.1 %", "33.3 %", "/models/demo"):
        assert needed in text
    assert trained == ["/models/demo"] and "Trained: /models/demo" in context.told
    assert panel.start.isEnabled() and not panel.progress.again.isVisible()
    click(qtbot, panel.start)
    assert not panel.progress.result.isVisible(), "no result of another training beside this one"
    panel._training.end(Trained("/models/demo-2", {}))
    assert "no test split" in panel.progress.result.text()


def test_failures_are_told_in_words_with_details_to_copy(qtbot, panel, context) -> None:
    panel.form.fresh.setChecked(True)
    click(qtbot, panel.start)
    panel._training.end(Failed(0, "", "ValueError", "Training broke off.", "Traceback: ..."))
    assert panel.progress.status.text() == "Training broke off."
    click(qtbot, panel.progress.details)
    assert context.errors == [("Training", "Training broke off.", "Traceback: ...")]
    click(qtbot, panel.progress.again)
    assert [train.fresh for train in panel._training.asked] == [True, False], "what is resumed is not thrown away"
    panel._training.end(code=-9)
    assert "was killed (SIGKILL)" in panel.progress.status.text()
    assert not panel.progress.details.isVisible()


def test_unfinished_trainings_are_listed_and_resumed(qtbot, panel, context) -> None:
    assert not panel.unfinished.isVisible()
    run = begin_run("mine", epochs=9, seed=4)
    panel.look()
    assert panel.unfinished.item(0).text() == "mine: 1 of 9 epochs; shortchunk on demo"
    click(qtbot, panel.resume)
    (train,) = panel._training.asked
    assert (train.network, train.data, train.name, train.fresh) == ("shortchunk", "demo", "mine", False)
    assert resolve(train.network, train.settings | {"data": train.data}) == run.config()
    assert (panel.form.network.currentText(), panel.form.name.text()) == ("shortchunk", "mine")
    assert panel.form.fields["seed"].value() == 4
    assert not panel.unfinished.isVisible(), "what goes on is not unfinished"
    panel._training.end(code=1)
    assert panel.unfinished.isVisible()
    run.config_file.unlink()
    click(qtbot, panel.resume)
    assert "holds no run" in context.errors[0][1]
    assert not panel.unfinished.isVisible(), "looked again"


def test_the_wheel_scrolls_the_form_and_changes_no_setting(qtbot, panel) -> None:
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    panel.form.advanced.click()
    field = panel.form.fields["epochs"]
    panel.form.network.setFocus()
    before = field.value()
    place = field.rect().center().toPointF()
    event = QWheelEvent(
        place,
        field.mapToGlobal(place),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(field, event)
    assert field.value() == before


def test_everything_has_a_name_for_screen_readers(panel) -> None:
    panel.form.advanced.click()
    for kind in (QLineEdit, QComboBox, QAbstractSpinBox, QAbstractButton):
        for widget in panel.findChildren(kind):
            inner = widget.objectName().startswith("qt_") or isinstance(widget.parent(), QAbstractSpinBox | QComboBox)
            if inner or "Scroll" in type(widget.parent()).__name__:
                continue
            text = getattr(widget, "text", str)() if isinstance(widget, QAbstractButton) else ""
            assert widget.accessibleName() or text, widget


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, ("s", 5)), (42, ("s", 40)), (89, ("s", 90)), (91, ("min", 2)), (3600, ("min", 60)), (9000, ("h", 2))],
)
def test_times_are_as_rough_as_estimates_are(seconds, expected) -> None:
    assert rough_time(seconds) == expected
