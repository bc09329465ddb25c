"""Players by a clock that the test sets: a silent one, and one with a fake sound device."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gui.core.pcm import Pcm
from gui.player import Player, SilentPlayer

if TYPE_CHECKING:
    from tests.gui.fake_sound import Machine

RATE = 8000


class Time:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def now() -> Time:
    return Time()


@pytest.fixture
def machine(qtlog, now: Time) -> Machine:
    with qtlog.disabled():
        from tests.gui.fake_sound import Machine
    return Machine(now)


@pytest.fixture
def audio(qtbot, now: Time, machine: Machine) -> Iterator[Player]:
    from gui.player_audio import AudioPlayer

    player = AudioPlayer(devices=machine.devices, make_sink=machine.make_sink, now=now)
    yield player
    player.close()


@pytest.fixture
def silent(qtbot, now: Time) -> Iterator[Player]:
    player = SilentPlayer(now=now)
    yield player
    player.close()


@pytest.fixture(params=["silent", "audio"])
def player(request) -> Player:
    return request.getfixturevalue(request.param)


@pytest.fixture
def make_pcm(tmp_path: Path) -> Iterator:
    made: list[Pcm] = []

    def make(seconds: float, first: int = 1, rate: int = RATE, complete: bool = True) -> Pcm:
        """A clip whose samples count up from `first`."""
        path = tmp_path / f"{len(made)}.pcm"
        path.write_bytes((first + np.arange(round(seconds * rate)) % 20000).astype("<i2").tobytes())
        made.append(Pcm(path, rate))
        made[-1].complete = complete
        return made[-1]

    yield make
    for pcm in made:
        pcm.close()


def wait(qtbot, player: Player, now: Time, seconds: float) -> None:
    """Lets time go by and the player notice."""
    now.s += seconds
    seen: list[None] = []
    player._timer.timeout.connect(lambda: seen.append(None))
    qtbot.waitUntil(lambda: len(seen) > 1 or not player.playing, timeout=5000)


def positions(player: Player) -> list[float]:
    heard: list[float] = []
    player.positionChanged.connect(heard.append)
    return heard
