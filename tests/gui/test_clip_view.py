"""The clip's view as a whole: shown, played, compared, typed into."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from gui.clip_view import ClipView
from gui.core.pcm import Clip
from gui.views.heatmap import HeatMap
from tests.artifact_fixtures import write_tone
from tests.gui.view_fixtures import context, long_clip, look

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def low(tmp_path: Path) -> Clip:
    return look(write_tone(tmp_path / "low.wav", "Low", 3.0), tmp_path)


@pytest.fixture
def high(tmp_path: Path) -> Clip:
    return look(write_tone(tmp_path / "high.wav", "High", 2.0), tmp_path)


@pytest.fixture
def view(qtbot, settings) -> Iterator[ClipView]:
    view = ClipView(context(settings))
    qtbot.addWidget(view)
    view.resize(1000, 600)
    with qtbot.waitExposed(view):
        view.show()
    yield view
    view.player.close()


def test_without_a_clip_a_hint_is_shown_and_no_key_does_harm(view: ClipView) -> None:
    assert "Ctrl+O" in view.hint.text() and view.hint.isVisible() and not view.stack.isVisible()
    for handler in (view.play_pause, view.toggle_loop, view.toggle_ab, view.zoom_in, view.zoom_out, view.fit):
        handler()
    for handler in (view.home, view.end, view.select_all, view.clear_selection, view.zoom_selection):
        handler()
    view.seek_by(1.0)
    view.step_column(1)
    assert not view.player.playing and view.axis.cursor == 0 and not view.transport.isEnabled()


def test_a_clip_is_shown_whole_from_its_start(view: ClipView, low: Clip) -> None:
    view.show_clip(low)
    assert view.stack.isVisible() and not view.hint.isVisible() and not view.badge.isVisible()
    assert view.axis.duration == pytest.approx(3.0) and view.axis.timeline.fitted
    assert view.transport.position.text() == "0:00.000 / 0:03.000"


def test_another_clip_starts_anew_and_the_same_one_goes_on(view: ClipView, low: Clip, high: Clip) -> None:
    view.show_clip(low)
    view.axis.select(1, 2)
    view.axis.seek(1.5)
    view.show_clip(low)
    assert view.axis.selection == (1, 2) and view.axis.cursor == 1.5
    view.player.play()
    view.show_clip(high)
    assert view.axis.selection is None and view.axis.cursor == 0 and not view.player.playing
    assert view.axis.duration == pytest.approx(2.0) and view.player.duration == pytest.approx(2.0)
    view.show_clip(None)
    assert view.player.duration == 0 and view.hint.isVisible()


def test_a_clip_that_grows_is_followed(view: ClipView, tmp_path: Path, low: Clip, qtbot) -> None:
    growing = Clip("low.wav")
    view.show_clip(growing)
    assert "low.wav" in view.hint.text() and view.hint.isVisible()
    growing.picture, growing.pcm = low.picture, low.pcm
    view.clip_grew()
    qtbot.waitUntil(view.stack.isVisible)
    assert view.axis.timeline.fitted and view.axis.duration == pytest.approx(3.0)
    assert view.player.duration == pytest.approx(3.0)


def test_a_clip_that_failed_says_why(view: ClipView, low: Clip, qtbot) -> None:
    clip = Clip("bad.mp3")
    view.show_clip(clip)
    clip.failed = "bad.mp3: is no sound."
    view.clip_grew()
    qtbot.waitUntil(lambda: view.hint.text() == clip.failed)
    low.failed = "low.wav: is damaged after 2 s."
    view.show_clip(low)
    assert view.notice.isVisible() and view.notice.text() == low.failed and view.stack.isVisible()


def test_the_cursor_follows_the_player_and_the_view_turns_the_page(view: ClipView, low: Clip, qtbot) -> None:
    view.show_clip(low)
    view.axis.show(0.0, 0.3)
    view.play_pause()
    assert view.player.playing
    qtbot.waitUntil(lambda: view.axis.timeline.start > 0, timeout=5000)
    assert view.axis.cursor == view.player.position
    assert view.axis.timeline.start <= view.axis.cursor <= view.axis.timeline.end
    view.play_pause()
    assert not view.player.playing


def test_a_click_into_the_picture_plays_from_there(view: ClipView, low: Clip, qtbot) -> None:
    view.show_clip(low)
    lane = view.stack.spectrogram
    qtbot.mouseClick(lane, LEFT, pos=lane.rect().center())
    assert view.player.position == view.axis.cursor == pytest.approx(lane.seconds_at(lane.rect().center().x()))


def test_seeking_by_keys(view: ClipView, low: Clip) -> None:
    view.show_clip(low)
    view.seek_by(1.0)
    view.step_column(2)
    assert view.player.position == pytest.approx(1.0 + 2 * low.picture.column_s)
    view.step_column(-2)
    view.seek_by(-5.0)
    assert view.player.position == 0
    view.axis.show(0.0, 0.5)
    view.end()
    assert view.player.position == pytest.approx(3.0) and view.axis.timeline.end == pytest.approx(3.0)
    view.home()
    assert view.player.position == 0 and view.axis.timeline.start == 0


def test_zoom_handlers(view: ClipView, low: Clip) -> None:
    view.show_clip(low)
    view.axis.seek(1.0)
    view.zoom_in()
    assert view.axis.timeline.span == pytest.approx(2.0)
    view.zoom_out()
    assert view.axis.timeline.fitted
    view.select_all()
    assert view.axis.selection == (0.0, view.axis.duration)
    view.axis.select(1.0, 1.5)
    view.zoom_selection()
    assert (view.axis.timeline.start, view.axis.timeline.end) == (1.0, 1.5)
    view.fit()
    view.clear_selection()
    assert view.axis.timeline.fitted and view.axis.selection is None


def test_the_selection_is_looped_while_asked(view: ClipView, low: Clip, qtbot) -> None:
    view.show_clip(low)
    view.axis.select(1.0, 1.2)
    qtbot.mouseClick(view.transport.loop_button, LEFT)
    assert view.transport.loop_button.isChecked()
    places: list[float] = []
    view.player.positionChanged.connect(places.append)
    view.play_pause()
    qtbot.waitUntil(lambda: any(later < sooner for sooner, later in itertools.pairwise(places)))
    assert all(0.99 <= place <= 1.21 for place in places)
    view.toggle_loop()
    assert not view.transport.loop_button.isChecked()
    qtbot.waitUntil(lambda: view.player.position > 1.3)


def test_what_was_selected_is_played_from_its_start(view: ClipView, low: Clip, qtbot) -> None:
    view.show_clip(low)
    view.axis.select(1.0, 2.0)
    assert view.axis.cursor == view.player.position == 1.0
    view.clear_selection()
    assert view.axis.cursor == 1.0
    view.play_pause()
    view.axis.select(0.5, 0.7)
    assert view.player.position >= 1.0, "what plays is not torn away"
    view.play_pause()
    view.transport.start.setFocus()
    view.transport.start.selectAll()
    qtbot.keyClicks(view.transport.start, "0.25")
    assert view.axis.selection == (0.5, 0.7), "not before it is typed to its end"
    view.play_pause()
    assert view.axis.selection == (0.25, 0.7) and view.player.playing and view.player.position < 0.5


def test_a_and_b_at_the_same_place(view: ClipView, low: Clip, high: Clip, qtbot) -> None:
    view.show_clip(low)
    view.axis.show(0.5, 1.5)
    view.axis.select(0.8, 1.2)
    view.axis.seek(1.0)
    view.compare(high)
    assert view.comparing and view.badge.isVisible() and view.badge.text() == "A: low.wav"
    assert view.transport.compare_button.isVisible() and view.transport.compare_button.text() == "A"
    view.toggle_ab()
    assert view.clip is high and view.badge.text() == "B: high.wav"
    assert view.player.duration == pytest.approx(2.0) and view.player.position == 1.0
    assert (view.axis.timeline.start, view.axis.timeline.end) == (0.5, 1.5) and view.axis.selection == (0.8, 1.2)
    assert view.axis.duration == pytest.approx(3.0)
    qtbot.mouseClick(view.transport.compare_button, LEFT)
    assert view.clip is low and view.player.duration == pytest.approx(3.0)
    view.toggle_ab()
    view.compare(None)
    assert view.clip is low and view.player.position == 1.0 and not view.badge.isVisible()


def test_b_that_is_not_there_yet_keeps_the_place(view: ClipView, low: Clip, high: Clip, qtbot) -> None:
    view.show_clip(low)
    view.axis.seek(1.0)
    later = Clip("high.wav")
    view.compare(later)
    view.toggle_ab()
    assert view.axis.cursor == 1.0 and "high.wav" in view.hint.text()
    later.picture, later.pcm = high.picture, high.pcm
    view.clip_grew()
    qtbot.waitUntil(lambda: view.player.duration == pytest.approx(2.0))
    assert view.player.position == view.axis.cursor == 1.0


def test_the_sound_changes_while_it_plays(view: ClipView, low: Clip, high: Clip, qtbot) -> None:
    view.show_clip(low)
    view.compare(high)
    view.play_pause()
    qtbot.waitUntil(lambda: view.player.position > 0.2)
    view.toggle_ab()
    assert view.player.playing
    qtbot.waitUntil(lambda: view.player.position > 0.4)


def test_the_selection_can_be_typed(view: ClipView, low: Clip, qtbot) -> None:
    view.show_clip(low)
    start, end = view.transport.start, view.transport.end
    assert start.accessibleName() and end.accessibleName()
    for field, text in ((start, "1.25"), (end, "2.5")):
        field.selectAll()
        qtbot.keyClicks(field, text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert view.axis.selection == (1.25, 2.5)
    assert view.transport.readout.text() == "0:01.250 – 0:02.500 (1.250 s)"
    qtbot.keyClick(start, Qt.Key.Key_Up)
    assert view.axis.selection == pytest.approx((1.35, 2.5))
    view.axis.select(0.5, 0.75)
    assert (start.value(), end.value()) == (0.5, 0.75)


def test_colours_come_from_the_settings_and_go_there(view: ClipView, low: Clip, settings) -> None:
    view.show_clip(low)
    settings.colour_map = "viridis"
    before = view.stack.spectrogram.grab().toImage()
    menu = view.transport.colours
    next(action for action in menu.actions() if action.data() == "grey").trigger()
    next(action for action in menu.actions() if action.data() == (-60.0, 0.0)).trigger()
    assert (settings.colour_map, settings.low_db, settings.high_db) == ("grey", -60.0, 0.0)
    assert view.stack.spectrogram.grab().toImage() != before
    settings.low_db = -77.0
    assert not any(action.isChecked() for action in menu.actions() if isinstance(action.data(), tuple))


def test_volume_is_remembered_and_silence_is_said(view: ClipView, settings) -> None:
    view.transport.volume.setValue(30)
    assert view.player.volume == settings.volume == 0.3
    assert view.transport.silent.isVisible() and not view.transport.volume.isVisible()


def test_what_is_pointed_at_is_written(view: ClipView, low: Clip, qtbot) -> None:
    view.show_clip(low)
    qtbot.mouseMove(view.stack.spectrogram, view.stack.spectrogram.rect().center())
    assert view.transport.pointed.text().endswith(" dB")


def test_lanes_of_a_page_share_the_axis(view: ClipView, low: Clip) -> None:
    lane = HeatMap(["a", "b"], [[0.0, 1.5], [1.5, 3.0]], [[0.1, 0.9], [0.8, 0.2]])
    view.show_clip(low)
    view.set_lanes([lane])
    assert lane.axis is view.axis and lane.isVisible()
    view.set_lanes([])
    assert not lane.isVisible()


def test_two_hours_are_shown_and_moved_in(view: ClipView) -> None:
    view.show_clip(long_clip(7200.0))
    view.axis.seek(5000.0)
    for _ in range(30):
        view.zoom_in()
    assert view.axis.timeline.span == pytest.approx(0.2)
    assert not view.grab().isNull()
    assert view.transport.position.text() == "1:23:20.000 / 2:00:00.000"
