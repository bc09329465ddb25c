"""Curves of a training: round axes, the best epoch, values under the pointer by mouse and keys, numbers as a table."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette

from gui.core.curve import best_row, best_rows, last_epoch_shown, span, tick_text, ticks, tier_pieces
from gui.panels.curves import Curves
from gui.panels.epochs_table import EpochsTable
from gui.theme import palette

ROWS = [
    {"epoch": 1.0, "loss": 1.5, "accuracy": 0.4, "val_loss": 1.2, "val_accuracy": 0.5},
    {"epoch": 2.0, "loss": 0.9, "accuracy": 0.6, "val_loss": 0.8, "val_accuracy": 0.7},
    {"epoch": 3.0, "loss": 0.6, "accuracy": 0.8, "val_loss": 1.0, "val_accuracy": 0.6},
]

TIERS = [
    {"epoch": float(epoch), "tier": float(tier), "loss": loss, "val_loss": loss + 0.1}
    for epoch, tier, loss in ((1, 1, 0.9), (2, 1, 0.7), (3, 1, 0.8), (5, 2, -0.4), (6, 2, -0.5))
]
"""Of the first two tiers, four epochs each; the first one stopped early."""


@pytest.mark.parametrize(
    ("low", "high", "at_most", "whole", "expected"),
    [
        (0.0, 1.0, 6, False, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.31, 0.94, 7, False, [0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
        (0.31, 0.94, 4, False, [0.4, 0.6, 0.8]),
        (1, 40, 9, True, [5, 10, 15, 20, 25, 30, 35, 40]),
        (1, 3, 20, True, [1, 2, 3]),
        (-3e-5, 9e-5, 4, False, [0, 5e-5]),
        (2.0, 2.0, 5, False, [2.0]),
    ],
)
def test_ticks_are_round_and_few(low, high, at_most, whole, expected) -> None:
    assert ticks(low, high, at_most, whole) == pytest.approx(expected)


def test_ticks_stay_within_their_axis_and_their_number() -> None:
    for high in (0.003, 0.7, 1.0, 13.0, 999.0, 4e6):
        for at_most in range(2, 12):
            found = ticks(0.1 * high, high, at_most)
            assert found, "an axis without a number says nothing"
            assert len(found) <= at_most
            assert all(0.1 * high * 0.999 <= value <= high * 1.001 for value in found)


def test_tick_texts_have_the_places_of_their_step() -> None:
    assert [tick_text(0.4, 0.2), tick_text(0.05, 0.05), tick_text(20, 5), tick_text(0.0, 1.0)] == [
        "0.4",
        "0.05",
        "20",
        "0",
    ]


def test_spans_pass_over_what_is_no_number() -> None:
    low, high = span([1.0, math.nan, 2.0, math.inf])
    assert 0.9 < low < 1.0 and 2.0 < high < 2.1
    assert span([]) == (0.0, 1.0)
    low, high = span([0.5, 0.5])
    assert low < 0.5 < high


def test_the_best_epoch_is_the_one_whose_weights_are_kept() -> None:
    assert best_row(ROWS)["epoch"] == 2
    assert best_row([{"epoch": 1.0, "loss": 1.0}, {"epoch": 2.0, "loss": 1.0, "val_loss": math.nan}]) is None
    gan = [{"epoch": number, "loss": 0.1, "val_fd": distance} for number, distance in enumerate((9.0, 4.0, 5.0), 1)]
    assert best_row(gan)["epoch"] == 2
    assert (last_epoch_shown([], 40), last_epoch_shown(ROWS, 40), last_epoch_shown(ROWS, 3)) == (10, 10, 3)


@pytest.fixture
def curves(qtbot) -> Curves:
    made = Curves()
    qtbot.addWidget(made)
    made.resize(700, 600)
    made.set_rows(ROWS, 40)
    made.show()
    qtbot.waitExposed(made)
    return made


def pixels(widget) -> Counter[str]:
    image = widget.grab().toImage()
    return Counter(QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height()))


@pytest.mark.parametrize("name", ["light", "dark"])
def test_curves_have_the_colours_of_the_palette(qtbot, curves, name) -> None:
    shown = palette(name)
    curves.setPalette(shown)
    found = pixels(curves.loss)
    for role in (QPalette.ColorRole.Base, QPalette.ColorRole.Text, QPalette.ColorRole.Accent):
        assert shown.color(role).name() in found, role
    curves.set_rows((), 0)
    assert "No epoch yet" in curves.loss.accessibleDescription()
    assert shown.color(QPalette.ColorRole.Midlight).name() not in pixels(curves.loss), "no axes without numbers"


def test_the_pointer_tells_values_in_both_charts(qtbot, curves) -> None:
    chart = curves.loss
    # The axis shows ten epochs at first, so the third lies in the left half.
    qtbot.mouseMove(chart, QPoint(chart.width() // 3, chart.height() // 2))
    qtbot.waitUntil(lambda: chart.pointer == 2)
    assert curves.measure.pointer == 2
    assert chart.words(2) == "epoch 3, training 0.6, validation 1"
    said = curves.measure.accessibleDescription()
    assert "epoch 3, training 0.8, validation 0.6; lowest validation loss: epoch 2" in said


def test_keys_go_from_epoch_to_epoch(qtbot, curves) -> None:
    chart = curves.measure
    chart.setFocus()
    seen = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Escape):
        qtbot.keyClick(chart, key)
        seen.append(chart.pointer)
    assert seen == [2, 1, 0, 1, 2, -1]
    assert curves.loss.pointer == -1
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    curves.set_rows(ROWS[:1], 40)
    assert chart.pointer == -1, "a row that is gone is pointed at no more"


def test_gaps_and_single_epochs_are_painted(curves) -> None:
    curves.setPalette(palette("light"))
    whole = [*ROWS, ROWS[0] | {"epoch": 4.0}]
    drawn = []
    for rows in (whole, [*whole[:1], whole[1] | {"loss": math.nan, "val_loss": math.inf}, *whole[2:]], whole[:1], []):
        curves.set_rows(rows, 4)
        drawn.append(pixels(curves.loss)[palette("light").color(QPalette.ColorRole.Accent).name()])
    assert drawn[0] > drawn[1] > drawn[2] > drawn[3] > 0, "a gap is not bridged; the legend is always there"
    curves.set_rows([*ROWS, {"epoch": 4.0, "loss": 0.5}], 4)
    assert curves.loss.words(3) == "epoch 4, training 0.5"


def test_each_tier_is_a_piece_with_a_best_epoch_of_its_own(qtbot, curves) -> None:
    assert [(tier, len(rows)) for tier, rows in tier_pieces(TIERS)] == [(1, 3), (2, 2)]
    assert [row["epoch"] for row in best_rows(TIERS)] == [2, 6]
    assert tier_pieces(ROWS) == [(0, ROWS)] and best_rows(ROWS) == [ROWS[1]]
    curves.set_rows(TIERS, 16, "generate", in_turn=True)
    chart = curves.loss
    assert chart.accessibleName() == "NLL, nats per element by epoch" and not curves.measure.isVisible()
    assert chart.words(3) == "tier 2, epoch 5, training -0.4, validation -0.3"
    said = chart.accessibleDescription()
    assert said.endswith("; tier 1: lowest validation loss: epoch 2; tier 2: lowest validation loss: epoch 6")
    # What lies between two tiers is no curve: as one tier, there is more of it.
    curves.setPalette(palette("light"))
    accent = palette("light").color(QPalette.ColorRole.Accent).name()
    apart = pixels(chart)[accent]
    curves.set_rows([row | {"tier": 1.0} for row in TIERS], 16, "generate", in_turn=True)
    assert pixels(chart)[accent] > apart + 20
    table = filled(qtbot, TIERS)
    assert first_row(table) == {
        "Epoch": "1",
        "Tier": "1",
        "Loss": "0.9000",
        "Validation loss": "1.0000",
    }
    assert [table.model().index(row, 0).data() for row in range(5)] == ["1", "2 (best)", "3", "5", "6 (best)"]
    curves.set_rows(ROWS, 40)
    assert curves.measure.isVisible() and chart.accessibleName() == "Loss by epoch"


def filled(qtbot, rows: list[dict[str, float]]) -> EpochsTable:
    table = EpochsTable()
    qtbot.addWidget(table)
    table.set_rows(rows)
    return table


def first_row(table: EpochsTable) -> dict[str, str]:
    """What the first epoch's row says, by the columns' titles."""
    model = table.model()
    titles = range(model.columnCount())
    return {model.headerData(n, Qt.Orientation.Horizontal): model.index(0, n).data() for n in titles}


def test_numbers_are_a_table_that_can_be_copied(qtbot, qtmodeltester) -> None:
    table = filled(qtbot, ROWS)
    qtmodeltester.check(table.model())
    cells = [[table.model().index(row, column).data() for column in range(5)] for row in range(3)]
    assert cells[1] == ["2 (best)", "0.9000", "0.6000", "0.8000", "0.7000"]
    assert cells[2][0] == "3"
    table.selectRow(1)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied == ["Epoch\tLoss\tAccuracy\tValidation loss\tValidation accuracy", "\t".join(cells[1])]
    table.set_rows([{"epoch": 1.0, "loss": 0.25}])
    assert [table.model().index(0, column).data() for column in (0, 1, 3)] == ["1", "0.2500", ""]


def test_what_fills_gaps_is_known_by_its_error(qtbot, curves) -> None:
    rows = [{"epoch": 1.0, "loss": 6.8, "mae": 4.5, "rmse": 6.7, "val_loss": 6.7, "val_mae": 4.4, "val_rmse": 6.6}]
    curves.set_rows(rows, 60, "infill")
    assert curves.measure.accessibleName() == "RMSE in the gap, dB by epoch"
    assert curves.measure.words(0) == "epoch 1, training 6.7, validation 6.6"
    curves.set_rows(rows, 60, "continue")
    assert curves.measure.accessibleName() == "RMSE, dB by epoch"
    curves.set_rows(ROWS, 40)
    assert curves.measure.accessibleName() == "Accuracy by epoch"
    table = filled(qtbot, rows)
    assert first_row(table) == {
        "Epoch": "1 (best)",
        "Loss": "6.8000",
        "MAE, dB": "4.5000",
        "RMSE, dB": "6.7000",
        "Validation loss": "6.7000",
        "Validation MAE, dB": "4.4000",
        "Validation RMSE, dB": "6.6000",
    }


def test_what_draws_music_tells_distance_variety_and_copies(qtbot, curves) -> None:
    row = {"loss": 0.5, "d_loss": 1.25, "diversity": 0.875, "nearest": 0.96, "copied": 0.126, "val_fd": 210.04}
    rows = [{"epoch": 1.0} | row, {"epoch": 2.0} | row | {"val_fd": 215.0}, {"epoch": 3.0} | row | {"val_fd": 900.0}]
    curves.set_rows(rows, 40, "generate")
    assert "kept: epoch 2" in curves.measure.accessibleDescription()  # about as near as the nearest, and later
    table = filled(qtbot, rows)
    assert first_row(table) == {
        "Epoch": "1",
        "Loss": "0.5000",
        "Discriminator": "1.2500",
        "Variety": "0.88",
        "Newness": "0.96",
        "Copies": "13 %",
        "Distance, dB²": "210.0",
    }
    model = table.model()
    titles = range(model.columnCount())
    tips = [model.headerData(n, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole) for n in titles]
    assert tips[:2] == [None, None] and all(tips[2:])
