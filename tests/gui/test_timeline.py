"""Seconds and pixels agree, views stay within the clip, times read as people write them."""

from __future__ import annotations

import pytest

from gui.core.timeline import LEAST_SPAN_S, Timeline, clock, selection_text, tick_label


@pytest.fixture
def line() -> Timeline:
    line = Timeline()
    line.set_width(1000)
    line.set_duration(30.0)
    return line


def test_without_a_clip_all_is_zero() -> None:
    line = Timeline()
    line.zoom(2, 1.0)
    line.pan(5)
    line.select(1, 2)
    line.set_cursor(3)
    assert (line.start, line.end, line.cursor, line.selection) == (0, 0, 0, None)
    assert line.seconds(50) == 0 and line.x(3) == 0 and line.ticks(80) == (1.0, [])


def test_pixels_and_seconds_are_inverse(line: Timeline) -> None:
    line.show(4.0, 9.0)
    assert line.x(4.0) == 0 and line.x(9.0) == pytest.approx(1000)
    assert line.seconds(line.x(6.789)) == pytest.approx(6.789)
    assert line.seconds(-5000) == 0 and line.seconds(50000) == 30


@pytest.mark.parametrize("factor", [1.25, 3.0, 0.8])
def test_zoom_keeps_the_moment_at_its_pixel(line: Timeline, factor: float) -> None:
    line.show(10, 20)
    x = line.x(13.0)
    line.zoom(factor, 13.0)
    assert line.span == pytest.approx(10 / factor)
    assert line.x(13.0) == pytest.approx(x)


def test_zoom_ends_at_the_limits(line: Timeline) -> None:
    for _ in range(100):
        line.zoom(1.5, 29.99)
    assert line.span == pytest.approx(LEAST_SPAN_S) and line.end <= 30
    for _ in range(100):
        line.zoom(1 / 1.5, 29.99)
    assert line.fitted


def test_a_clip_shorter_than_the_closest_view_is_shown_whole() -> None:
    line = Timeline()
    line.set_duration(0.05)
    line.zoom(10, 0.02)
    assert (line.start, line.end) == (0, 0.05)


def test_pan_stops_at_both_ends_and_keeps_the_span(line: Timeline) -> None:
    line.show(10, 20)
    line.pan(100)
    assert (line.start, line.end) == (20, 30)
    line.pan(-100)
    assert (line.start, line.end) == (0, 10)


def test_growing_keeps_a_fitted_view_fitted_and_others_as_they_are(line: Timeline) -> None:
    line.set_duration(31)
    assert line.fitted and line.end == 31
    line.show(5, 10)
    line.set_duration(60)
    assert (line.start, line.end) == (5, 10)
    line.select(8, 20)
    line.set_cursor(20)
    line.set_duration(9)
    assert (line.start, line.end) == (4, 9) and line.selection == (8, 9) and line.cursor == 9


def test_selection_takes_either_order_and_is_cut_to_the_clip(line: Timeline) -> None:
    line.select(12, 5)
    assert line.selection == (5, 12)
    line.select(-3, 99)
    assert line.selection == (0, 30)
    line.select(7, 7)
    assert line.selection is None


def test_extending_grows_from_the_cursor_and_turns_around(line: Timeline) -> None:
    line.set_cursor(10)
    assert line.extend(2) == 12 and line.selection == (10, 12)
    line.extend(-1)
    assert line.selection == (10, 11)
    line.extend(-1)
    assert line.selection is None
    line.extend(-3)
    assert line.selection == (7, 10)


def test_extending_a_given_selection_moves_the_edge_it_points_to(line: Timeline) -> None:
    line.select(5, 8)
    line.extend(1)
    assert line.selection == (5, 9)
    line.select(5, 8)
    line.extend(-1)
    assert line.selection == (4, 8)


def test_reveal_turns_the_page_only_when_needed(line: Timeline) -> None:
    line.show(0, 10)
    line.reveal(9.9)
    assert line.start == 0
    line.reveal(10.1)
    assert line.start == pytest.approx(9.6) and line.span == pytest.approx(10)
    line.reveal(2)
    assert line.start <= 2 <= line.end


def test_zoom_to_selection(line: Timeline) -> None:
    line.zoom_to_selection()
    assert line.fitted
    line.select(3, 4.5)
    line.zoom_to_selection()
    assert (line.start, line.end) == (3, 4.5)


@pytest.mark.parametrize("duration", [0.3, 4.0, 30.0, 7200.0, 90000.0])
def test_ticks_are_in_view_and_far_enough_apart(duration: float) -> None:
    line = Timeline()
    line.set_width(800)
    line.set_duration(duration)
    step, ticks = line.ticks(70)
    assert 2 <= len(ticks) <= 12 and all(0 <= tick <= duration for tick in ticks)
    assert line.x(step) >= 70
    labels = [tick_label(tick, step) for tick in ticks]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize(
    ("seconds", "decimals", "text"),
    [
        (0, 3, "0:00.000"),
        (5.3, 3, "0:05.300"),
        (59.9996, 3, "1:00.000"),
        (3723, 0, "1:02:03"),
        (3723.25, 1, "1:02:03.2"),
        (-1, 3, "0:00.000"),
    ],
)
def test_clock(seconds: float, decimals: int, text: str) -> None:
    assert clock(seconds, decimals) == text


def test_tick_label_shows_as_much_as_the_step_needs() -> None:
    assert [tick_label(1.25, step) for step in (0.001, 0.05, 0.2)] == ["0:01.250", "0:01.25", "0:01.2"]
    assert tick_label(90, 15) == "1:30"


def test_selection_text() -> None:
    assert selection_text((5.0, 12.3)) == "0:05.000 – 0:12.300 (7.300 s)"
