"""Mouse and keys do in every view what they do in the others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from gui.core.pcm import Clip
from gui.views.stack import ClipStack
from tests.artifact_fixtures import write_tone
from tests.gui.view_fixtures import CONTROL, LEFT, SHIFT, drag, heat, look, pixels, place, shown, wheel


@pytest.fixture
def clip(tmp_path: Path) -> Clip:
    return look(write_tone(tmp_path / "low.wav", "Low", 30.0), tmp_path)


@pytest.fixture
def stack(qtbot, clip: Clip) -> ClipStack:
    """30 s of a low tone, shown whole."""
    return shown(qtbot, clip)


def test_a_click_seeks_and_selects_nothing(stack: ClipStack, qtbot) -> None:
    with qtbot.waitSignal(stack.axis.sought) as sought:
        qtbot.mouseClick(stack.spectrogram, LEFT, pos=place(stack.spectrogram, 12.0))
    assert sought.args[0] == pytest.approx(12.0, abs=0.05) and stack.axis.cursor == sought.args[0]
    assert stack.axis.selection is None


def test_a_click_on_the_labels_does_nothing(stack: ClipStack, qtbot) -> None:
    with qtbot.assertNotEmitted(stack.axis.sought):
        qtbot.mouseClick(stack.spectrogram, LEFT, pos=QPoint(5, 50))


def test_a_drag_selects_in_either_direction(stack: ClipStack, qtbot) -> None:
    lane = stack.spectrogram
    with qtbot.assertNotEmitted(stack.axis.sought):
        drag(qtbot, lane, place(lane, 20.0), place(lane, 8.0))
    assert stack.axis.selection == pytest.approx((8.0, 20.0), abs=0.05)


def test_handles_can_be_dragged_and_show_it(stack: ClipStack, qtbot) -> None:
    lane = stack.waveform
    stack.axis.select(8.0, 20.0)
    qtbot.mouseMove(lane, place(lane, 14.0))
    assert lane.cursor().shape() == Qt.CursorShape.CrossCursor
    qtbot.mouseMove(lane, place(lane, 20.0))
    assert lane.cursor().shape() == Qt.CursorShape.SizeHorCursor
    drag(qtbot, lane, place(lane, 20.0), place(lane, 25.0))
    assert stack.axis.selection == pytest.approx((8.0, 25.0), abs=0.05)
    drag(qtbot, lane, place(lane, 8.0), place(lane, 28.0))
    assert stack.axis.selection == pytest.approx((25.0, 28.0), abs=0.05)


def test_a_drag_past_the_edge_takes_the_view_along(stack: ClipStack, qtbot) -> None:
    lane = stack.spectrogram
    stack.axis.show(5, 10)
    right = lane.time_rect().right()
    drag(qtbot, lane, place(lane, 9.0), QPoint(right + 200, 50))
    assert stack.axis.timeline.end > 10
    assert stack.axis.selection[1] == pytest.approx(stack.axis.timeline.end, abs=0.05)


def test_double_click_selects_all_and_escape_clears(stack: ClipStack, qtbot) -> None:
    lane = stack.spectrogram
    qtbot.mouseDClick(lane, LEFT, pos=place(lane, 5.0))
    assert stack.axis.selection == (0.0, stack.axis.duration)
    qtbot.keyClick(lane, Qt.Key.Key_Escape)
    assert stack.axis.selection is None


@pytest.mark.parametrize(("button", "modifier"), [(LEFT, CONTROL), (Qt.MouseButton.MiddleButton, Qt.NoModifier)])
def test_the_view_is_dragged_along(stack: ClipStack, qtbot, button, modifier) -> None:
    lane = stack.spectrogram
    stack.axis.show(10, 20)
    with qtbot.assertNotEmitted(stack.axis.sought):
        drag(qtbot, lane, place(lane, 18.0), place(lane, 15.0), button, modifier)
    assert stack.axis.timeline.start == pytest.approx(13.0, abs=0.05)
    assert stack.axis.selection is None


def test_the_wheel_zooms_at_the_pointer(stack: ClipStack) -> None:
    lane = stack.waveform
    at = place(lane, 10.0)
    moment = lane.seconds_at(at.x())
    for _ in range(5):
        wheel(lane, at, 1)
    assert stack.axis.timeline.span == pytest.approx(30 / 1.25**5, rel=0.01)
    assert lane.x_of(moment) == pytest.approx(at.x(), abs=0.01)
    for _ in range(9):
        wheel(lane, at, -1)
    assert stack.axis.timeline.fitted


def test_shift_and_wheel_pan(stack: ClipStack) -> None:
    stack.axis.show(10, 20)
    wheel(stack.spectrogram, place(stack.spectrogram, 15.0), -1, SHIFT)
    assert (stack.axis.timeline.start, stack.axis.timeline.end) == pytest.approx((11, 21))


def test_shift_and_arrows_extend_the_selection(stack: ClipStack, qtbot) -> None:
    stack.axis.seek(10.0)
    for _ in range(3):
        qtbot.keyClick(stack.spectrogram, Qt.Key.Key_Right, SHIFT)
    qtbot.keyClick(stack.spectrogram, Qt.Key.Key_Left, SHIFT)
    assert stack.axis.selection == pytest.approx((10.0, 10.6))


def test_every_view_is_reached_by_tab_and_has_a_name(stack: ClipStack) -> None:
    stack.set_lanes([heat()])
    for lane in (stack.ruler, stack.waveform, stack.spectrogram, *stack.lanes):
        assert lane.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert lane.accessibleName() and lane.accessibleDescription()


def test_the_focus_is_seen(stack: ClipStack, qtbot) -> None:
    stack.ruler.setFocus()
    qtbot.waitUntil(stack.ruler.hasFocus)
    without = pixels(stack.waveform)
    stack.waveform.setFocus()
    qtbot.waitUntil(stack.waveform.hasFocus)
    assert (pixels(stack.waveform) != without).any()


def test_marked_stretches_are_seen_in_all_views_of_the_sound_even_when_narrow(stack: ClipStack) -> None:
    lanes, times = (stack.waveform, stack.spectrogram), pixels(stack.ruler)
    before = [pixels(lane) for lane in lanes]
    stack.axis.mark([(5.0, 5.001), (12.0, 15.0)])
    for lane, plain in zip(lanes, before, strict=True):
        changed = np.flatnonzero((pixels(lane) != plain).any(axis=2).any(axis=0))
        narrow, wide = place(lane, 5.0).x(), (place(lane, 12.0).x(), place(lane, 15.0).x())
        near = changed[abs(changed - narrow) < 20]
        assert near.size >= lane.fontMetrics().height() // 2, "a band as wide as it is high"
        assert set(range(*wide)) <= set(changed.tolist())
        assert changed.min() == near.min() and changed.max() <= wide[1] + 1, "and nothing else"
    assert (pixels(stack.ruler) == times).all(), "times can be read"
    stack.axis.mark([])
    assert all((pixels(lane) == plain).all() for lane, plain in zip(lanes, before, strict=True))
