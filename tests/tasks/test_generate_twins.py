"""One recording under two names is found, and different music is not taken for one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from fstmuse.tasks import generate_twins
from fstmuse.tasks.generate_twins import find_twins, fingerprint

RATE, CELLS = 10.0, 300


def music(seed: int, cells: int = CELLS) -> np.ndarray:
    """Levels of bands that have a beat of their own and the same means: (cells, 16) in dB."""
    rng = np.random.default_rng(seed)
    beat = 6 * np.sin(2 * np.pi * np.arange(cells) / 5)[:, None]  # all music here shares it
    return np.linspace(-20, -60, 16) + 8 * gaussian_filter1d(rng.normal(size=(cells, 16)), 1, axis=0) + beat


CLIPS = [music(seed) for seed in range(30)]


def found(*more: np.ndarray, sources: list[str] | None = None) -> list[tuple[int, int]]:
    clips = [*CLIPS, *more]
    names = sources or [f"{number}.wav" for number in range(len(clips))]
    return [(twin.one, twin.other) for twin in find_twins([fingerprint(clip, RATE) for clip in clips], names, RATE)]


def test_different_music_is_not_taken_for_one() -> None:
    assert found() == []


@pytest.mark.parametrize(
    "change",
    [
        lambda clip: clip,
        lambda clip: clip - 12,  # softer
        lambda clip: clip + np.linspace(6, -20, 16),  # filtered
        lambda clip: np.maximum(clip, -65),  # encoded so that what is soft is lost
        lambda clip: clip + np.random.default_rng(7).normal(0, 1.5, clip.shape),  # noisier
        lambda clip: clip[45:],  # begins later
        lambda clip: np.concatenate([music(99, 40), clip])[:CELLS],  # begins sooner
        lambda clip: clip[:100],
    ],
)
def test_a_recording_is_known_again(change) -> None:
    assert found(change(CLIPS[4])) == [(4, 30)]


def test_all_of_three_copies_are_paired() -> None:
    assert found(CLIPS[4] - 3, CLIPS[4] + 3) == [(4, 30), (4, 31), (30, 31)]


def test_music_that_repeats_itself_is_no_twin() -> None:
    names = [f"{number}.wav" for number in range(30)]
    assert found(CLIPS[4], sources=[*names, "4.wav"]) == []


def test_what_begins_too_much_later_or_is_too_short_is_left_alone() -> None:
    assert found(CLIPS[4][70:]) == []
    assert found(CLIPS[4][:20]) == []
    assert find_twins([fingerprint(CLIPS[0], RATE)], ["one.wav"], RATE) == []


def test_many_clips_are_compared_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate_twins, "_AT_ONCE", 7)
    monkeypatch.setattr(generate_twins, "_PAIRS_AT_ONCE", 5)
    assert found(CLIPS[4] - 3, CLIPS[20] + 3) == [(4, 30), (20, 31)]


def test_silence_before_the_music_makes_no_twins() -> None:
    late = [clip.copy() for clip in CLIPS[:2]]
    for clip in late:
        clip[:60] = -100
    assert found(late[0]) == [(0, 30)]
    assert find_twins([fingerprint(clip, RATE) for clip in late], ["one.wav", "other.wav"], RATE) == []


def test_a_clip_of_few_notes_has_no_twin() -> None:
    few = music(50)
    few[100:] = -100
    assert found(few) == []


def test_silence_has_no_twin() -> None:
    assert found(np.full((CELLS, 16), -100.0), np.full((CELLS, 16), -100.0)) == []
