"""The page that shows what models make of a clip: right numbers, right clip, plain words where there are none."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from gui.core.jobs import Job, State
from gui.pages import find_pages
from gui.pages.classify import PAGE, ClassifyView
from gui.panels.bars import VALUE, Bars, number
from tests.gui.page_fixtures import add_answer, context, make_job, view

__all__ = ["context", "view"]


def _texts(bars: Bars) -> list[tuple[str, str]]:
    model = bars.model()
    return [(model.index(row, 0).data(), model.index(row, 1).data()) for row in range(model.rowCount())]


def test_page_is_found(view: ClassifyView) -> None:
    assert PAGE in find_pages()
    assert isinstance(view, ClassifyView)


def test_bars_of_several_models_stand_side_by_side(view: ClassifyView, context) -> None:
    job = make_job(context)
    tested, tones = (model.path for model in context.shelf.models)
    add_answer(job, tones, [0.9131, 0.0869, 0.0])
    add_answer(job, tested, [0.2, 0.0002, 0.7998])
    view.show_job(job)
    assert view.title.text() == "low.wav: whole clip"
    left, right = view.columns
    assert _texts(left.bars) == [("Middle", "0.800"), ("High", "0.200"), ("Low", "<0.001")]
    assert _texts(right.bars) == [("High", "0.913"), ("Low", "0.087"), ("Middle", "0.000")]
    assert left.x() < right.x()
    assert abs(left.y() - right.y()) < 2
    assert left.bars.isVisible()
    assert not left.message.isVisible()
    assert left.score.text() == "test accuracy 0.926 on unknown data (n = 54)"
    assert right.score.text() == "never tested: its card names no accuracy"
    spoken = right.bars.model().index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "High 0.913"


def test_bar_is_as_long_as_its_probability(qtbot) -> None:
    bars = Bars()
    qtbot.addWidget(bars)
    bars.set_rows([("Half", 0.5), ("Quarter", 0.25)])
    bars.resize(400, 80)
    bars.show()
    qtbot.waitExposed(bars)
    picture = bars.grab().toImage()
    ratio, accent = picture.devicePixelRatio(), bars.palette().accent().color()
    widths = []
    for row in range(2):
        y = round(bars.visualRect(bars.model().index(row, 1)).center().y() * ratio)
        widths.append(sum(picture.pixelColor(x, y) == accent for x in range(picture.width())))
        assert bars.model().index(row, 1).data(VALUE) == (0.5, 0.25)[row]
    assert widths[1] > 20
    assert widths[0] == pytest.approx(2 * widths[1], abs=5)


@pytest.mark.parametrize(
    ("probability", "text"), [(0.0, "0.000"), (1e-6, "<0.001"), (0.0005, "0.001"), (0.99996, ">0.999"), (1.0, "1.000")]
)
def test_numbers_round_nothing_to_impossible_or_certain(probability: float, text: str) -> None:
    assert number(probability) == text


def test_many_labels_show_the_likeliest_and_all_on_demand(qtbot, view: ClassifyView, context) -> None:
    job = make_job(context)
    labels = tuple(f"Genre {n:02}" for n in range(50))
    values = np.linspace(0, 1, 50)
    add_answer(job, context.shelf.models[0].path, values / values.sum(), labels)
    view.show_job(job)
    column = view.columns[0]
    assert [label for label, _ in column.bars.rows] == [f"Genre {n}" for n in range(49, 39, -1)]
    assert column.more.text() == "Show all 50"
    qtbot.mouseClick(column.more, Qt.MouseButton.LeftButton)
    assert len(column.bars.rows) == 50
    assert column.more.text() == "Show the likeliest 10"
    qtbot.keyClick(column.bars, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0] == "Genre 49\t0.040000"
    assert len(lines) == 50


def test_words_stand_where_there_is_no_answer(view: ClassifyView, context) -> None:
    view.show_job(None)
    assert view.title.text() == "Choose a clip in the queue, or add one."
    job = make_job(context)

    def words() -> list[str]:
        view.show_job(job)
        assert not any(column.bars.isVisible() for column in view.columns)
        return [column.message.text() for column in view.columns]

    assert words() == ["Waiting for its turn."] * 2
    job.move_to(State.LOADING)
    job.text = "Loading tested"
    assert words() == ["Loading tested", "Waiting for its turn."]
    job.move_to(State.RUNNING)
    job.text, job.fraction = "Asking tested", 0.43
    assert words() == ["Asking tested: 43 %", "Waiting for its turn."]
    job.move_to(State.FAILED)
    job.pending = []
    tested, tones = job.artifacts
    job.note_failure(tested, "The model is damaged.", "")
    assert words() == ["Failed. The model is damaged.", "Not asked yet. Press Ctrl+Return to ask."]
    job.note_failure(tones, "It is silent.", "")
    assert words() == ["Failed. The model is damaged.", "Failed. It is silent."]
    job = make_job(context, "/c/low.wav", State.CANCELLED)
    job.pending = []
    assert words() == ["Cancelled. Press Ctrl+Return to ask again."] * 2
    job = Job(2, "/c/low.wav", "classify", (), {}, None)
    assert words() == ["Not asked yet. Press Ctrl+Return to ask."] * 2
    view.set_models([])
    assert view.title.text() == "low.wav: no model is chosen. Tick one above."


def test_nothing_stale_is_shown(view: ClassifyView, context) -> None:
    first, second = make_job(context, "/c/a.wav"), make_job(context, "/c/b.wav")
    path = context.shelf.models[0].path
    add_answer(first, path, [0.9, 0.1, 0.0], files=("/out/a.csv",))
    view.show_job(first)
    assert len(view.lanes()) == 1
    view.show_job(second)
    assert view.title.text() == "b.wav"
    assert not view.columns[0].bars.isVisible()
    assert view.columns[0].bars.rows == []
    assert view.lanes() == []
    assert not view.files.export_button.isEnabled()
    add_answer(second, path, [0.1, 0.9, 0.0], path="/c/a.wav")
    view.show_job(second)
    assert not view.columns[0].bars.isVisible(), "an answer about another file"
    add_answer(second, path, [0.1, 0.9, 0.0])
    view.show_job(second)
    assert view.columns[0].bars.rows[0][0] == "Low"
    del second.answers["classify", path]
    view.show_job(second)
    assert not view.columns[0].bars.isVisible()
    view.show_job(None)
    assert view.lanes() == []


def test_part_that_was_asked_is_named_and_stands_at_its_time(view: ClassifyView, context) -> None:
    job = make_job(context)
    tested, tones = (model.path for model in context.shelf.models)
    add_answer(job, tested, [0.9, 0.1, 0.0], start_s=65.0, duration_s=3.0)
    view.show_job(job)
    assert view.title.text() == "low.wav: 1:05 – 1:08"
    [lane] = view.lanes()
    assert lane.text_at(66.5, 1).startswith("tested · 66.500 s · High · 90.0%")
    assert lane.text_at(1.0, 1) == ""
    add_answer(job, tones, [0.9, 0.1, 0.0])
    view.show_job(job)
    assert view.title.text() == "low.wav: different parts"
    assert [column.part.text() for column in view.columns] == ["1:05 – 1:08", "whole clip"]


def test_lanes_are_kept_as_long_as_their_answers(view: ClassifyView, context) -> None:
    job = make_job(context)
    tested, tones = (model.path for model in context.shelf.models)
    add_answer(job, tested, [0.9, 0.1, 0.0])
    view.show_job(job)
    [first] = view.lanes()
    add_answer(job, tones, [0.1, 0.9, 0.0])
    view.show_job(job)
    lanes = view.lanes()
    assert lanes[0] is first
    assert [lane.title for lane in lanes] == ["tested", "tones"]
    add_answer(job, tested, [0.3, 0.3, 0.4])
    view.show_job(job)
    assert view.lanes()[0] is not first
    view.set_models(context.shelf.models[1:])
    assert view.lanes() == [lanes[1]]


def test_selection_is_asked_about_only_where_it_was_made(qtbot, view: ClassifyView, context) -> None:
    axis = context.clip_view.axis
    axis.reset(30.0)
    view.show_job(make_job(context))
    assert not view.part_only.isEnabled()
    assert view.options() == {"along_time": True}
    axis.select(5.0, 12.5)
    assert view.part_only.text() == "Selection only: 0:05 – 0:12.5"
    assert view.options() == {"along_time": True}, "a selection alone changes nothing"
    box = QPoint(view.fontMetrics().height() // 2, view.part_only.height() // 2)
    qtbot.mouseClick(view.part_only, Qt.MouseButton.LeftButton, pos=box)
    assert view.options() == {"along_time": True, "start_s": 5.0, "duration_s": 7.5}
    assert view.options(part=False) == {"along_time": True}
    view.show_job(make_job(context, "/c/next.wav"))
    assert view.options() == {"along_time": True}
    view.part_only.setChecked(True)
    axis.clear_selection()
    assert not view.part_only.isChecked()
    assert view.options() == {"along_time": True}
