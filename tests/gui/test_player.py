"""The player, silent and with a sound device: both behave the same."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from gui.player import Player, SilentPlayer
from tests.gui.player_fixtures import RATE, Time, audio, machine, make_pcm, now, player, positions, silent, wait

__all__ = ["audio", "machine", "make_pcm", "now", "player", "silent"]


def test_a_player_without_a_clip_does_nothing(player: Player):
    player.play()
    player.toggle()
    player.seek(3.0)
    player.set_loop(0.0, 1.0)
    player.pause()

    assert (player.playing, player.position, player.duration) == (False, 0.0, 0.0)


def test_a_clip_that_is_waited_for_plays_when_it_comes(qtbot, player: Player, now: Time, make_pcm):
    player.play()
    player.set_pcm(make_pcm(3.0), keep_position=True)
    assert player.playing
    wait(qtbot, player, now, 0.5)
    assert player.position == pytest.approx(0.5, abs=0.002)
    player.set_pcm(None)
    player.play()
    player.pause()
    player.set_pcm(make_pcm(3.0), keep_position=True)
    assert not player.playing, "nobody waits for it any more"
    player.set_pcm(None)
    for _ in range(2):
        player.toggle()
    player.set_pcm(make_pcm(3.0), keep_position=True)
    assert not player.playing, "pressed twice"


def test_playing_moves_the_position_by_the_clock(qtbot, player: Player, now: Time, make_pcm):
    player.set_pcm(make_pcm(3.0))
    moved = positions(player)
    with qtbot.waitSignal(player.playingChanged, check_params_cb=lambda playing: playing):
        player.play()

    for seconds in (0.1, 0.5, 0.9):
        wait(qtbot, player, now, seconds)

    assert player.playing
    assert player.position == pytest.approx(1.5, abs=0.002)
    assert player.duration == 3.0
    assert moved == sorted(moved)


def test_pause_stays_and_play_goes_on_from_there(qtbot, player: Player, now: Time, make_pcm):
    player.set_pcm(make_pcm(3.0))
    player.toggle()
    wait(qtbot, player, now, 0.5)
    player.toggle()
    assert not player.playing
    now.s += 10
    player.toggle()
    wait(qtbot, player, now, 0.25)

    assert player.position == pytest.approx(0.75, abs=0.002)


def test_the_end_stops_is_reported_and_the_next_play_begins_anew(qtbot, player: Player, now: Time, make_pcm):
    player.set_pcm(make_pcm(1.0))
    player.play()
    with qtbot.waitSignal(player.playingChanged, check_params_cb=lambda playing: not playing):
        now.s += 1.5

    assert player.position == player.duration == 1.0
    player.play()
    assert player.position == 0.0
    wait(qtbot, player, now, 0.25)
    assert player.position == pytest.approx(0.25, abs=0.002)


def test_a_loop_begins_at_its_start_and_goes_round(qtbot, player: Player, now: Time, make_pcm):
    player.set_pcm(make_pcm(3.0))
    player.set_loop(1.0, 1.5)
    player.play()
    assert player.position == 1.0
    moved = positions(player)

    for _ in range(8):
        wait(qtbot, player, now, 0.15)

    assert player.position == pytest.approx(1.2, abs=0.002)
    assert all(1.0 <= position <= 1.5 for position in moved)
    assert sum(later < before for before, later in pairwise(moved)) == 2


def test_within_its_loop_it_begins_where_it_stands(player: Player, make_pcm):
    player.set_pcm(make_pcm(3.0))
    player.seek(1.25)
    player.set_loop(1.0, 1.5)
    player.play()

    assert player.position == 1.25


def test_a_loop_that_is_taken_away_plays_on(qtbot, player: Player, now: Time, make_pcm):
    player.set_pcm(make_pcm(3.0))
    player.set_loop(1.0, 1.5)
    player.play()
    wait(qtbot, player, now, 0.6)
    player.set_loop(None, None)
    wait(qtbot, player, now, 0.9)

    assert player.position == pytest.approx(2.0, abs=0.002)


def test_seek_while_paused_and_while_playing(qtbot, player: Player, now: Time, make_pcm):
    player.set_pcm(make_pcm(3.0))
    moved = positions(player)
    player.seek(2.0)
    assert player.position == 2.0
    player.play()
    wait(qtbot, player, now, 0.25)
    for place in (0.1, 0.2, 0.5):
        player.seek(place)
    assert player.position == 0.5
    wait(qtbot, player, now, 0.0)
    wait(qtbot, player, now, 0.25)

    assert player.playing
    assert player.position == pytest.approx(0.75, abs=0.002)
    assert moved[0] == 2.0


def test_seek_stays_within_the_clip(player: Player, make_pcm):
    player.set_pcm(make_pcm(1.0))
    player.seek(99.0)
    assert player.position == 1.0
    player.seek(-1.0)
    assert player.position == 0.0


def test_a_growing_clip_plays_what_is_there_waits_and_goes_on(
    qtbot, player: Player, now: Time, make_pcm, tmp_path: Path
):
    pcm = make_pcm(0.5, complete=False)
    player.set_pcm(pcm)
    player.play()
    wait(qtbot, player, now, 0.8)
    assert player.playing
    assert player.position == pytest.approx(0.5, abs=0.002)

    with (tmp_path / "0.pcm").open("ab") as file:
        file.write(bytes(2 * RATE))
    wait(qtbot, player, now, 0.3)
    assert player.position == pytest.approx(0.8, abs=0.002)

    pcm.complete = True
    wait(qtbot, player, now, 2.0)
    assert not player.playing
    assert player.position == player.duration == 1.5


def test_a_place_not_decoded_yet_can_be_sought(qtbot, player: Player, now: Time, make_pcm, tmp_path: Path):
    player.set_pcm(make_pcm(0.5, complete=False))
    player.seek(1.0)
    player.play()
    wait(qtbot, player, now, 0.3)
    assert player.position == 1.0

    with (tmp_path / "0.pcm").open("ab") as file:
        file.write(bytes(2 * RATE))
    wait(qtbot, player, now, 0.3)
    assert player.position == pytest.approx(1.3, abs=0.002)


def test_comparing_goes_on_at_the_same_place(qtbot, player: Player, now: Time, make_pcm):
    player.set_pcm(make_pcm(3.0))
    player.set_loop(0.0, 2.0)
    player.play()
    wait(qtbot, player, now, 0.5)
    player.set_pcm(make_pcm(3.0, first=100), keep_position=True)
    wait(qtbot, player, now, 0.5)

    assert player.playing
    assert player.position == pytest.approx(1.0, abs=0.002)
    wait(qtbot, player, now, 1.5)
    assert player.position == pytest.approx(0.5, abs=0.002)  # the loop is kept


def test_comparing_with_a_clip_of_another_rate(qtbot, player: Player, now: Time, make_pcm):
    player.set_pcm(make_pcm(3.0))
    player.play()
    wait(qtbot, player, now, 0.5)
    player.set_pcm(make_pcm(3.0, rate=22050), keep_position=True)
    wait(qtbot, player, now, 0.0)
    wait(qtbot, player, now, 0.5)

    assert player.playing
    assert player.position == pytest.approx(1.0, abs=0.002)


def test_comparing_with_a_shorter_clip(qtbot, player: Player, now: Time, make_pcm):
    player.set_pcm(make_pcm(3.0))
    player.seek(2.0)
    player.set_pcm(make_pcm(1.0), keep_position=True)
    assert player.position == 1.0

    player.set_pcm(make_pcm(3.0))
    player.seek(2.0)
    player.play()
    player.set_pcm(make_pcm(1.0), keep_position=True)
    wait(qtbot, player, now, 0.5)
    assert not player.playing
    assert player.position == 1.0


def test_another_clip_begins_at_its_start_and_stands(qtbot, player: Player, now: Time, make_pcm):
    player.set_pcm(make_pcm(3.0))
    player.set_loop(1.0, 2.0)
    player.play()
    player.set_pcm(make_pcm(2.0))
    assert (player.playing, player.position, player.duration) == (False, 0.0, 2.0)

    player.play()
    assert player.position == 0.0  # the loop was of the other clip
    player.set_pcm(None)
    assert (player.playing, player.duration) == (False, 0.0)


def test_by_the_real_clock_the_position_comes_often_and_rises(qtbot, make_pcm):
    player = SilentPlayer()
    player.set_pcm(make_pcm(0.4))
    moved = positions(player)
    with qtbot.waitSignal(player.playingChanged, check_params_cb=lambda playing: not playing):
        player.play()

    assert moved == sorted(moved)
    assert moved[-1] == 0.4
    assert len(moved) >= 8  # 25 on a machine that is not busy
    player.close()
