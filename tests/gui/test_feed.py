"""What a sound device is given of a clip, and which place of the clip it then sounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gui.core.feed import Feed, SmoothClock, loop_samples
from gui.core.pcm import Pcm
from gui.core.sounding import Sounding


@pytest.fixture
def growing(tmp_path: Path):
    """A clip of 100 samples that count up from 1 and may grow."""
    (tmp_path / "clip.pcm").write_bytes(np.arange(1, 101, dtype="<i2").tobytes())
    pcm = Pcm(tmp_path / "clip.pcm", 1000)
    yield pcm
    pcm.close()


@pytest.fixture
def pcm(growing: Pcm) -> Pcm:
    growing.complete = True
    return growing


def grow(tmp_path: Path, samples: int) -> None:
    before = (tmp_path / "clip.pcm").stat().st_size // 2
    with (tmp_path / "clip.pcm").open("ab") as file:
        file.write(np.arange(before + 1, before + samples + 1, dtype="<i2").tobytes())


def test_a_clip_and_then_silence(pcm: Pcm):
    feed = Feed(pcm, 90)

    assert feed.take(4).tolist() == [91, 92, 93, 94]
    assert feed.take(10).tolist() == [95, 96, 97, 98, 99, 100, 0, 0, 0, 0]
    assert [feed.locate(heard) for heard in (0, 2.5, 9, 10, 14)] == [90, 92.5, 99, 100, 100]
    assert not feed.ended(9.9)
    assert feed.ended(10)


def test_nothing_has_ended_that_was_not_taken(pcm: Pcm):
    feed = Feed(pcm, 0)
    assert not feed.ended(1000)
    feed.take(100)
    assert not feed.ended(99)
    assert feed.ended(100)


def test_a_loop_is_repeated_without_a_gap(pcm: Pcm):
    feed = Feed(pcm, 8, (10, 13))

    assert feed.take(10).tolist() == [9, 10, 11, 12, 13, 11, 12, 13, 11, 12]
    assert [feed.locate(heard) for heard in range(10)] == [8, 9, 10, 11, 12, 10, 11, 12, 10, 11]
    assert not feed.ended(10)


def test_a_place_behind_the_loop_goes_to_its_start(pcm: Pcm):
    assert Feed(pcm, 50, (10, 13)).take(4).tolist() == [11, 12, 13, 11]


def test_a_loop_set_or_ended_while_it_plays(pcm: Pcm):
    feed = Feed(pcm, 0)
    feed.take(5)
    feed.set_loop((4, 7))
    assert feed.take(4).tolist() == [6, 7, 5, 6]
    feed.set_loop(None)
    assert feed.take(3).tolist() == [7, 8, 9]
    assert [feed.locate(heard) for heard in (4, 6, 7, 11)] == [4, 6, 4, 8]


def test_a_loop_past_the_end_is_cut_and_one_beyond_it_is_none(pcm: Pcm):
    assert Feed(pcm, 98, (97, 500)).take(4).tolist() == [99, 100, 98, 99]
    beyond = Feed(pcm, 98, (100, 500))
    assert beyond.take(4).tolist() == [99, 100, 0, 0]
    assert beyond.ended(2)


def test_a_growing_clip_waits_and_goes_on(growing: Pcm, tmp_path: Path):
    feed = Feed(growing, 98)

    assert feed.take(4).tolist() == [99, 100, 0, 0]
    assert not feed.ended(4)
    grow(tmp_path, 3)
    assert feed.take(4).tolist() == [101, 102, 103, 0]
    assert [feed.locate(heard) for heard in (1, 2, 3, 4, 5, 7)] == [99, 100, 100, 100, 101, 103]
    growing.complete = True
    assert feed.ended(8)


def test_a_loop_that_is_not_decoded_yet_is_waited_for(growing: Pcm, tmp_path: Path):
    feed = Feed(growing, 99, (99, 102))

    assert feed.take(3).tolist() == [100, 0, 0]
    grow(tmp_path, 5)
    assert feed.take(4).tolist() == [101, 102, 100, 101]


def test_another_clip_goes_on_at_the_same_place(pcm: Pcm, tmp_path: Path):
    (tmp_path / "b.pcm").write_bytes((1000 + np.arange(1, 101)).astype("<i2").tobytes())
    other = Pcm(tmp_path / "b.pcm", 1000)
    feed = Feed(pcm, 10)
    feed.take(5)
    feed.switch(other)

    assert feed.take(2).tolist() == [1016, 1017]
    assert feed.locate(6) == 16
    other.close()


def test_places_of_long_playing_are_not_kept(pcm: Pcm):
    feed = Feed(pcm, 0, (0, 20))
    for second in range(1000):
        feed.take(20)
        feed.locate(20 * second)

    assert len(feed._spans) < 5


@pytest.mark.parametrize(
    ("start_s", "end_s", "loop"), [(0.1, 0.2, (100, 200)), (0.1, 0.1001, (100, 120)), (-1.0, 0.5, (0, 500))]
)
def test_loops_in_samples(start_s: float, end_s: float, loop: tuple[int, int]):
    assert loop_samples(start_s, end_s, 1000) == loop


def test_a_clock_in_steps_becomes_smooth():
    times = np.arange(0, 3, 0.016)
    now = iter([0.0, *times])
    clock = SmoothClock(lambda: next(now))

    # A device that takes 50 ms at once, with 10 ms of jitter.
    jitter = np.random.default_rng(0).uniform(0, 0.01, len(times))
    read = np.array([clock.read(0.05 * int((at + late) / 0.05)) for at, late in zip(times, jitter, strict=True)])

    steps = np.diff(read)
    assert steps.min() >= 0
    assert steps[20:].min() > 0.010
    assert steps[20:].max() < 0.022
    assert np.abs(read - (times - 0.025))[60:].max() < 0.02


def test_a_clock_does_not_run_on_when_its_device_stands_and_catches_up():
    now = [0.0]
    clock = SmoothClock(lambda: now[0])
    now[0] = 1.0
    assert clock.read(1.0) == 1.0
    now[0] = 5.0
    assert clock.read(1.0) == pytest.approx(1.0, abs=0.051)
    now[0] = 5.1
    assert clock.read(4.0) == 4.0


@pytest.mark.parametrize(("channels", "floating", "kind"), [(1, False, "<i2"), (2, False, "<i2"), (2, True, "<f4")])
def test_frames_in_the_form_of_the_device(pcm: Pcm, channels: int, floating: bool, kind: str):
    sounding = Sounding(Feed(pcm, 0), 1000, 1000, channels, floating)
    given = np.frombuffer(sounding.read(3 * sounding.frame_bytes + 1), kind).reshape(-1, channels)

    expected = np.array([1, 2, 3]) / (32768 if floating else 1)
    assert given.tolist() == [[value] * channels for value in expected]


def test_another_rate_keeps_tone_and_time(tmp_path: Path):
    times = np.arange(8000) / 8000
    tone = 10000 * np.sin(2 * np.pi * 440 * times)
    (tmp_path / "tone.pcm").write_bytes(tone.astype("<i2").tobytes())
    pcm = Pcm(tmp_path / "tone.pcm", 8000)
    sounding = Sounding(Feed(pcm, 0), 8000, 48000, 1, False)

    blocks = [sounding.read(2 * size) for size in (7, 256, 5000, 1, 12000, 20000)]
    given = np.frombuffer(b"".join(blocks), "<i2")

    assert [len(block) // 2 for block in blocks] == [7, 256, 5000, 1, 12000, 20000]
    expected = 10000 * np.sin(2 * np.pi * 440 * np.arange(len(given)) / 48000)
    np.testing.assert_allclose(given[2000:], expected[2000:], atol=60)
    pcm.close()
