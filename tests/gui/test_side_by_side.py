"""Columns of answers in rooms of any width, and heat maps of several models that can be told apart."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

from gui.core.jobs import Job
from gui.pages.classify import ClassifyView
from gui.panels.queue_table import QueueTable
from gui.panels.side_by_side import SideBySide
from gui.queue_model import CLIP, RESULT, STATE, QueueModel
from gui.runner import Runner
from gui.views.heatmap import HeatMap
from tests.gui.page_fixtures import add_answer, context, make_job, view
from tests.gui.view_fixtures import heat, pixels

__all__ = ["context", "view"]


@pytest.mark.parametrize(("characters", "places"), [(20, [1, 1, 1]), (75, [2, 1]), (200, [3])])
def test_as_many_stand_beside_each_other_as_there_is_room_for(qtbot, characters: int, places: list[int]) -> None:
    area = SideBySide()
    qtbot.addWidget(area)
    columns = [QLabel(name) for name in "abc"]
    area.set_columns(columns)
    area.show()
    for width in (2000, characters * area.fontMetrics().averageCharWidth()):
        area.resize(width, 400)
    qtbot.waitUntil(lambda: _rows(columns) == places)
    assert [column.text() for column in sorted(columns, key=lambda each: (each.y(), each.x()))] == ["a", "b", "c"]
    assert area.horizontalScrollBar().maximum() == 0
    assert len({column.width() // 2 for column in columns}) == 1
    area.set_columns([another := QLabel("d")])
    qtbot.waitUntil(lambda: another.width() > 0.9 * area.viewport().width())


def _rows(columns: list[QLabel]) -> list[int]:
    tops = [column.y() for column in columns]
    return [tops.count(top) for top in sorted(set(tops))]


def test_heat_maps_of_several_models_bear_their_names(view: ClassifyView, context) -> None:
    job = make_job(context)
    tested, tones = (model.path for model in context.shelf.models)
    add_answer(job, tones, [0.9, 0.1, 0.0])
    view.show_job(job)
    [alone] = view.lanes()
    bare = alone.sizeHint().height()
    add_answer(job, tested, [0.2, 0.1, 0.7])
    view.show_job(job)
    lanes = view.lanes()
    assert [lane.title for lane in lanes] == ["tested", "tones"]
    assert lanes[1] is alone and alone.sizeHint().height() > bare
    assert alone.label_at(1) == "tones" and alone.text_at(0.5, 1) == ""
    view.set_models(context.shelf.models[1:])
    assert view.lanes() == [alone] and alone.sizeHint().height() == bare


def test_of_many_labels_the_likeliest_are_on_top(view: ClassifyView, context) -> None:
    job: Job = make_job(context)
    values = np.random.default_rng(3).random(50)
    labels = tuple(f"Tag {n:02}" for n in range(50))
    answer = add_answer(job, context.shelf.models[0].path, values, labels)
    view.show_job(job)
    [lane] = view.lanes()
    assert list(lane.labels) == [label for label, _ in answer.result.top(50)]
    shown = lane.text_at(0.5, 1)
    assert lane.labels[0] in shown and f"{values.max():.1%}" in shown


def test_the_title_stands_above_the_rows_and_hides_none(qtbot) -> None:
    plain, titled = heat(labels=30), heat(labels=30)
    titled.show_title(True)
    for lane in (plain, titled):
        qtbot.addWidget(lane)
        lane.axis.reset(30.0)
        lane.axis.set_margins(100, lane.margin_hint())
    top = titled.sizeHint().height() - plain.sizeHint().height()
    plain.resize(600, 200)
    titled.resize(600, 200 + top)
    for lane in (plain, titled):
        lane.show()
    assert np.array_equal(pixels(titled)[top:, :590], pixels(plain)[:, :590])
    header = pixels(titled)[:top]
    assert (header != header[0, -1]).any(), "the title is written"
    bar = _bar(titled)
    bar.setValue(bar.maximum())
    last = titled.height() - 2
    assert titled.label_at(last) == "label 29" and titled.label_at(top - 1) == "model"
    assert np.array_equal(pixels(titled)[:top], header), "a row that is scrolled goes on below the title"


def _bar(lane: HeatMap):
    return lane._bar


def test_names_and_results_share_the_queue(qtbot) -> None:
    runner = Runner()
    table = QueueTable(QueueModel(runner, runner), [])
    qtbot.addWidget(table)
    table.resize(600, 300)
    table.show()
    room = table.viewport().width() - table.columnWidth(STATE)
    qtbot.waitUntil(lambda: table.columnWidth(CLIP) + table.columnWidth(RESULT) == room)
    assert 0.35 * room < table.columnWidth(RESULT) < room / 2
    # Who draws the border wants it there.
    table.setColumnWidth(RESULT, 150)
    table.resize(650, 300)
    assert table.columnWidth(RESULT) == 150
    assert table.columnWidth(CLIP) == table.viewport().width() - table.columnWidth(STATE) - 150
