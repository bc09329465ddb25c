"""The page that trains, where the network fills gaps: its settings, its data, its figures."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt

from fstmuse.networks.catalogue import CATALOGUE
from fstmuse.networks.entry import LABELLING
from fstmuse.tasks import gap_metrics, going_on_metrics
from fstmuse.training.relevance import foreign
from gui.core.training_messages import Epoch, Step, Train, Trained
from gui.training_words import DECAYED, LINEAR
from tests.gui.test_train_panel import METRICS
from tests.gui.train_fixtures import choose_kind, click, context, panel

__all__ = ["context", "panel"]

GAP_METRICS = {
    "rmse": 5.51,
    "rmse_interval": [5.2, 5.9],
    "mae": 4.02,
    "lsd": 5.13,
    "n": 75,
    "width": 10,
    "beside": {LINEAR: {"rmse": 5.96, "mae": 4.4, "lsd": 5.62, "p_rmse": 1e-9}},
}


def test_each_network_has_the_settings_that_it_takes(qtbot, panel) -> None:
    form = panel.form
    form.advanced.click()
    for name, entry in CATALOGUE.items():
        form.network.setCurrentText(name)
        hidden = {setting for setting, field in form.fields.items() if not field.isVisible()}
        assert hidden == set(foreign(entry)) | (set() if entry.task in LABELLING else {"labels"}), name
    form.network.setCurrentText("gapnet")
    qtbot.keyClicks(form.fields["pitch_semitones"], ", 5")
    objective = form.fields["objective"]
    assert [objective.itemText(row) for row in range(objective.count())] == ["the network's own", "gap", "mse"]
    objective.setCurrentIndex(2)
    shifts = (-4, -3, -2, -1, 1, 2, 3, 4, 5)
    assert form.train().settings == {"pitch_semitones": shifts, "objective": "mse"} and not form.problem()
    form.show_train(Train("gapnet", "demo", "", {"gap_most": 20, "pitch_semitones": ()}))
    assert form.train().settings == {"gap_most": 20, "pitch_semitones": ()} and objective.currentIndex() == 0
    qtbot.keyClicks(form.fields["pitch_semitones"], "up")
    assert "expected numbers" in panel.problem.text() and not panel.start.isEnabled()


def test_each_network_has_the_data_that_suits_it(panel, tmp_path) -> None:
    form, data = panel.form, panel.form.data
    (Path(os.environ["FSTMUSE_DATA"]) / "piano_disklavier").mkdir(parents=True)
    panel.look()
    item = data.kind.model().item(data.kind.findData("piano_disklavier"))
    assert not item.isEnabled() and "no labels" in item.toolTip()
    form.network.setCurrentText("gapnet")
    assert item.isEnabled() and not item.toolTip()
    choose_kind(panel, "piano_disklavier")
    assert form.train() == Train("gapnet", "piano_disklavier") and "for research only" in data.note.text()
    form.show_train(Train("gapnet-hifi", "piano_disklavier"))
    assert data.value() == "piano_disklavier"
    form.network.setCurrentText("toymodel-pooled")
    assert data.value() == "demo", "what has no labels teaches none"
    form.network.setCurrentText("gapnet")
    choose_kind(panel, "folder")
    assert panel.problem.text() == "Choose the folder of your music." and "no labels are needed" in data.note.text()
    data.line.setText(str(tmp_path))
    assert data.group_by.isVisible() and not data.rare.isVisible()
    data.rare.setCurrentIndex(1)
    assert form.train() == Train("gapnet", str(tmp_path)) and panel.start.isEnabled()


def test_a_network_that_fills_gaps_ends_with_its_own_figures(qtbot, panel) -> None:
    panel.form.network.setCurrentText("gapnet")
    click(qtbot, panel.start)
    assert panel.progress.curves.measure.key == "rmse"
    panel._training.hear(
        Epoch({"epoch": 1, "loss": 6.8, "mae": 4.5, "rmse": 6.8, "val_loss": 6.7, "val_rmse": 6.6}, 60)
    )
    assert panel.progress.curves.measure.key == "rmse"
    panel._training.end(Trained("/models/piano-gapnet", GAP_METRICS))
    text = panel.progress.result.text()
    for needed in ("RMSE in the gap 5.51 dB", "n = 75", "5.20 to 5.90 dB", "Linear interpolation: RMSE 5.96 dB"):
        assert needed in text
    assert panel.progress.use.text() == "Fill gaps with it" and gap_metrics.LINEAR == LINEAR
    panel.form.network.setCurrentText("toymodel-pooled")
    click(qtbot, panel.start)
    panel._training.end(Trained("/models/demo", METRICS))
    assert panel.progress.use.text() == "Classify clips with it"


def test_a_network_that_goes_on_ends_with_its_own_figures(qtbot, panel) -> None:
    panel.form.network.setCurrentText("prednet")
    assert "continue clips" in panel.form.about.text()
    click(qtbot, panel.start)
    panel._training.hear(
        Epoch({"epoch": 1, "loss": 0.9, "mae": 5.0, "rmse": 7.1, "val_loss": 0.9, "val_rmse": 7.4}, 30)
    )
    assert panel.progress.curves.measure.accessibleName() == "RMSE, dB by epoch"
    told = {key: value for key, value in GAP_METRICS.items() if key != "width"} | {"frames": 20}
    panel._training.end(Trained("/models/piano-prednet", told | {"beside": {DECAYED: GAP_METRICS["beside"][LINEAR]}}))
    text = panel.progress.result.text()
    for needed in ("RMSE 5.51 dB", "n = 75", "the last 20 frames", "Decayed hold: RMSE 5.96 dB"):
        assert needed in text
    assert "gap" not in text and going_on_metrics.DECAYED == DECAYED
    assert panel.progress.use.text() == "Continue clips with it"


def test_a_vocoder_ends_with_its_own_figures_and_no_page_to_go_to(qtbot, panel) -> None:
    panel.form.network.setCurrentText("vocoder")
    click(qtbot, panel.start)
    panel._training.hear(Epoch({"epoch": 1, "loss": 2.9, "lsd": 3.5, "val_loss": 2.8, "val_lsd": 3.25}, 30))
    measure = panel.progress.curves.measure
    assert measure.accessibleName() == "LSD, dB by epoch" and "3.5" in measure.words(0) and "3.25" in measure.words(0)
    model = panel.progress.table.model()
    told = {model.headerData(n, Qt.Orientation.Horizontal): model.index(0, n).data() for n in range(5)}
    assert told["LSD, dB"] == "3.5000" and told["Validation LSD, dB"] == "3.2500"
    beside = {"fast Griffin-Lim 32": {"lsd": 1.12, "lsd_linear": 5.03}}
    told = {"lsd": 0.96, "lsd_interval": [0.94, 0.99], "n": 74, "beside": beside, "held_notes": {}}
    panel._training.end(Trained("/models/piano-vocoder", told))
    text = panel.progress.result.text()
    for needed in ("LSD 0.96 dB", "n = 74", "0.94 to 0.99 dB", "Fast Griffin-Lim 32: LSD 1.12 dB"):
        assert needed in text
    assert panel.progress.use.isHidden()


def test_a_network_that_draws_in_turn_ends_with_its_likelihood(qtbot, panel) -> None:
    form, training, progress = panel.form, panel._training, panel.progress
    form.advanced.click()
    form.network.setCurrentText("melnet-tiny")
    assert "goes on from a clip" in form.about.text()
    assert form.fields["tier"].isVisible() and form.fields["tier"].value() == 0
    form.fields["tier"].setValue(5)
    assert "0 to 4, the tiers of melnet-tiny" in panel.problem.text() and not panel.start.isEnabled()
    form.fields["tier"].setValue(2)
    click(qtbot, panel.start)
    assert training.asked[-1].settings == {"tier": 2}
    row = {"loss": 0.5, "val_loss": 0.6}
    # The first tier is told of first, then this one, beside which others stay.
    rows = [row | {"epoch": epoch, "tier": tier} for epoch, tier in ((1, 1), (2, 1), (11, 2), (21, 3), (11, 2))]
    training.hear(*(Epoch(each, 40) for each in rows), Step("epoch 12/40", 0.5))
    assert [each["epoch"] for each in training.rows] == [1, 2, 11, 21]
    assert progress.status.text() == "Epoch 12 of 40" and progress.curves.loss.title == "NLL, nats per element"
    training.end(Trained("", {}))
    assert training.state == "stopped" and "goes on with what is missing" in progress.status.text()
    assert not progress.result.isVisible() and progress.use.isHidden()
    click(qtbot, panel.start)
    beside = {"one given the frame before": {"nll": 1.02}}
    training.end(Trained("/models/m", {"nll": 0.734, "nll_interval": [0.7, 0.77], "n": 9, "beside": beside}))
    text = progress.result.text()
    for needed in ("NLL 0.734 nats", "n = 9", "0.700 to 0.770", "One given the frame before: 1.020"):
        assert needed in text
    assert progress.use.text() == "Make music with it"


def test_a_network_that_draws_music_has_a_page_to_go_to(qtbot, panel) -> None:
    panel.form.network.setCurrentText("melgan-c-tiny")
    click(qtbot, panel.start)
    panel._training.end(Trained("/models/demo-melgan-c-tiny", {}))
    assert not panel.progress.use.isHidden() and panel.progress.use.text() == "Make music with it"
    with qtbot.waitSignal(panel.useWanted) as wanted:
        click(qtbot, panel.progress.use)
    assert wanted.args == ["/models/demo-melgan-c-tiny"]
