"""The player and its sound device: what is heard, and what happens when the device is lost."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gui.player import Player, SilentPlayer, make_player
from tests.gui.player_fixtures import RATE, Time, audio, machine, make_pcm, now, silent, wait

if TYPE_CHECKING:
    from tests.gui.fake_sound import Machine

__all__ = ["audio", "machine", "make_pcm", "now", "silent"]


def test_a_loop_sounds_without_a_gap(qtbot, audio: Player, now: Time, machine: Machine, make_pcm):
    audio.set_pcm(make_pcm(2.0))
    audio.set_loop(0.5, 0.6)
    audio.play()
    wait(qtbot, audio, now, 0.35)

    expected = np.tile(np.arange(4001, 4801), 4)[: round(0.35 * RATE)]
    np.testing.assert_array_equal(machine.samples()[: len(expected)], expected)


def test_many_places_in_a_row_start_the_device_once(qtbot, audio: Player, now: Time, machine: Machine, make_pcm):
    audio.set_pcm(make_pcm(3.0))
    audio.play()
    for place in np.linspace(0, 2, 50):
        audio.seek(float(place))
    wait(qtbot, audio, now, 0.0)

    assert len(machine.sinks) == 2


def test_comparing_sounds_the_other_clip_without_a_gap(qtbot, audio: Player, now: Time, machine: Machine, make_pcm):
    audio.set_pcm(make_pcm(1.0))
    audio.play()
    wait(qtbot, audio, now, 0.25)
    audio.set_pcm(make_pcm(1.0, first=10001), keep_position=True)
    wait(qtbot, audio, now, 0.25)

    expected = np.concatenate([np.arange(1, 2001), np.arange(12001, 14001)])
    np.testing.assert_array_equal(machine.samples(), expected)
    assert len(machine.sinks) == 1


def test_volume_is_kept_within_bounds_and_reaches_the_device(audio: Player, machine: Machine, make_pcm):
    audio.volume = 0.5
    audio.set_pcm(make_pcm(1.0))
    audio.play()
    half = machine.sinks[-1].volume
    audio.volume = 7.0

    assert 0 < half < 0.5  # half as loud is far less than half the amplitude
    assert audio.volume == 1.0
    assert machine.sinks[-1].volume == 1.0
    audio.volume = -1.0
    assert audio.volume == machine.sinks[-1].volume == 0.0


def test_only_a_player_with_a_device_says_so(audio: Player, silent: Player):
    assert audio.has_device
    assert not silent.has_device


def unplug(machine: Machine) -> None:
    machine.devices.present = False
    machine.devices.audioOutputsChanged.emit()


def fail(machine: Machine) -> None:
    machine.sinks[-1].fail()


def freeze(machine: Machine) -> None:
    machine.sinks[-1].stuck = True


@pytest.mark.parametrize(
    ("harm", "words"), [(unplug, "gone"), (fail, "failed (IOError)"), (freeze, "takes no more sound")]
)
def test_a_lost_device_is_told_and_playing_goes_on_unheard(
    qtbot, audio: Player, now: Time, machine: Machine, make_pcm, harm, words: str
):
    audio.set_pcm(make_pcm(30.0))
    audio.play()
    wait(qtbot, audio, now, 0.5)
    with qtbot.waitSignal(audio.deviceLost) as lost:
        harm(machine)
        if harm is freeze:
            now.s += 3.1
    assert words in lost.args[0]
    assert audio.playing
    assert not audio.has_device
    assert audio.position == pytest.approx(0.5, abs=0.06)
    before = audio.position

    wait(qtbot, audio, now, 0.5)
    assert audio.position == pytest.approx(before + 0.5, abs=0.002)

    # The next start looks for a device again.
    audio.pause()
    machine.devices.present = True
    audio.play()
    assert audio.has_device
    assert len(machine.sinks) == 2
    assert machine.sinks[-1].volume == 1.0


def test_a_machine_without_a_device_plays_silently_until_there_is_one(qtbot, now: Time, machine: Machine, make_pcm):
    from gui.player_audio import AudioPlayer

    machine.devices.present = False
    player = AudioPlayer(devices=machine.devices, make_sink=machine.make_sink, now=now)
    player.set_pcm(make_pcm(3.0))
    player.play()
    wait(qtbot, player, now, 0.5)
    assert player.position == pytest.approx(0.5, abs=0.002)
    assert not player.has_device

    player.pause()
    machine.devices.present = True
    player.play()
    assert player.has_device
    player.close()


def test_close_stops_the_device_and_the_timer(audio: Player, machine: Machine, make_pcm):
    audio.set_pcm(make_pcm(3.0))
    audio.play()
    audio.close()

    assert not audio.playing
    assert machine.sinks[-1].source is None
    assert not audio._timer.isActive()


def test_multimedia_is_imported_only_for_a_player():
    code = "import sys, gui.player, gui.looking; print(any('QtMultimedia' in name for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_without_multimedia_the_player_is_silent(qtbot, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "gui.player_audio", None)
    player = make_player()

    assert isinstance(player, SilentPlayer)
    player.close()
