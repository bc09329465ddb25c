"""The page that trains, driven as a user does; the child is played by its messages."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QMessageBox

from fstmuse.data.build import GROUP_BY
from fstmuse.networks.catalogue import CATALOGUE
from fstmuse.training.config import GROUPINGS, resolve
from gui.core.messages import Failed
from gui.core.training_messages import Epoch, Figure, Said, Step, Train, Trained
from gui.core.wording import rough_time
from gui.panels.setting_fields import NAMES
from tests.gui.train_fixtures import begin_run, choose_kind, click, context, panel

__all__ = ["context", "panel"]

METRICS = {
    "accuracy": 0.926,
    "accuracy_interval": [0.852, 0.981],
    "balanced_accuracy": 0.926,
    "majority": 0.333,
    "n": 54,
}
ROW = {"epoch": 1, "loss": 1.0, "accuracy": 0.5, "val_loss": 0.9, "val_accuracy": 0.6}


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
    qtbot.keyClicks(panel.form.data.line, "~nobody-of-this-name/music")
    assert "~nobody-of-this-name" in panel.problem.text()
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


def test_how_a_folder_is_split_is_chosen_where_the_folder_is(qtbot, panel, tmp_path) -> None:
    data = panel.form.data
    assert not data.group_by.isVisible()
    choose_kind(panel, "folder")
    data.line.setText(str(tmp_path / "My Music"))
    assert data.group_by.isVisible() and data.rare.isVisible()
    assert panel.form.train().settings == {}
    data.group_by.setCurrentIndex(data.group_by.findData("none"))
    data.rare.setCurrentIndex(1)
    train = panel.form.train()
    assert train.settings == {"group_by": "none", "drop_rare": True}
    assert resolve(train.network, train.settings).group_by == "none"
    assert panel.form.name.placeholderText() == "My-Music-toymodel-pooled"
    choose_kind(panel, "demo")
    assert panel.form.train().settings == {} and panel.form.name.placeholderText() == "demo-toymodel-pooled"
    panel.form.show_train(train)
    assert panel.form.train() == train
    assert {data.group_by.itemData(row) for row in range(data.group_by.count())} == set(GROUPINGS) == set(GROUP_BY)


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
    click(qtbot, panel.start)
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
    assert panel.start.isEnabled() and panel.progress.status.text() == "Done."
    with qtbot.waitSignal(panel.useWanted) as wanted:
        click(qtbot, panel.progress.use)
    assert wanted.args == ["/models/demo"]
    click(qtbot, panel.start)
    assert not panel.progress.result.isVisible(), "no result of another training beside this one"
    panel._training.end(Trained("/models/demo-2", {}))
    assert "no test split" in panel.progress.result.text()
    click(qtbot, panel.start)
    panel._training.end(Trained("/models/demo-2", METRICS, already=True))
    assert panel.progress.title.text() == "Trained already" and panel.progress.title.isVisible()
    assert "Tick Begin anew" in panel.progress.status.text()


def test_failures_are_told_in_words_with_details_to_copy(qtbot, panel, context) -> None:
    click(qtbot, panel.start)
    panel._training.end(Failed(0, "", "ValueError", "Training broke off.", "Traceback: ..."))
    assert panel.progress.status.text() == "Training broke off."
    assert panel.progress.title.text() == "Training could not start" and panel.progress.sign.isVisible()
    assert not panel.resume.isVisible(), "there is nothing to go on with"
    click(qtbot, panel.progress.details)
    assert context.errors == [("Training", "Training broke off.", "Traceback: ...")]
    panel.look()
    assert panel.progress.title.isVisible(), "nothing else was asked for"
    panel.form.fields["epochs"].setValue(7)
    assert not panel.progress.title.isVisible() and not panel.progress.sign.isVisible()
    assert panel.progress.status.text() == "No training is going on." and not panel.progress.details.isVisible()
    click(qtbot, panel.start)
    panel._training.hear(Epoch(ROW, 7))
    panel._training.end(code=-9)
    assert panel.progress.title.text() == "Training broke off"
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
    begin_run("other", epochs=9)
    panel.look()
    panel.unfinished.setCurrentRow([panel.unfinished.item(row).text()[:5] for row in range(2)].index("other"))
    click(qtbot, panel.discard)
    (question,) = panel.findChildren(QMessageBox)
    (yes,) = [button for button in question.buttons() if button.text() == "Discard"]
    click(qtbot, yes)
    assert panel.unfinished.count() == 1 and run.path.is_dir()
    assert not (run.path.parent / "other").exists()
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
