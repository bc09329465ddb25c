"""What a vocoder learns from: windows of sound with the pictures of it; and how held notes are listened to."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from fstmuse.data.dataset import Examples
from fstmuse.features.mel import LogMel
from fstmuse.networks.catalogue import find
from fstmuse.tasks import held_notes, vocode

ENTRY = find("vocoder")


@pytest.fixture(scope="module")
def data() -> Examples:
    rows = np.random.default_rng(0).normal(0, 1000, (3, 40000)).astype(np.int16)
    lengths = np.full(3, 40000)
    return Examples(SimpleNamespace(row=rows.__getitem__), np.arange(3), lengths, np.zeros((3, 0)), vocode.seen(ENTRY))


def taken(dataset: object, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    return list(dataset.take(count).as_numpy_iterator())


def test_pictures_are_of_the_sound_beside_them(data: Examples) -> None:
    (picture, sound), *_ = taken(vocode.validation_dataset(data, ENTRY, 2), 1)
    assert picture.shape == (2, 28, 128) and sound.shape == (2, 28 * 512)
    whole = np.array(data.rows.row(0)[: data.window], np.float32) / 32767
    np.testing.assert_allclose(sound[0], whole[: 28 * 512], atol=1e-6)
    # The last frame sees beyond the sound that is asked for, and no frame sees beyond the window.
    np.testing.assert_allclose(picture[0], LogMel(ENTRY.mel)(whole)[:28], atol=1e-4)
    pairs = 3 * 3  # windows side by side, and what is left of each row
    assert sum(len(x) for x, _ in taken(vocode.validation_dataset(data, ENTRY, 4), 99)) == pairs


def test_draws_follow_from_seed_and_epoch(data: Examples) -> None:
    def draw(seed: int, epoch: int, gain_db: float = 6.0) -> list[tuple[np.ndarray, np.ndarray]]:
        how = {"batch_size": 2, "draws": 2, "seed": seed, "epoch": epoch}
        return taken(vocode.training_dataset(data, ENTRY, gain_db, **how), 4)

    first, again, resumed = draw(1, 0), draw(1, 0), draw(1, 1)
    np.testing.assert_array_equal(first[3][1], again[3][1])
    np.testing.assert_array_equal(first[3][1], resumed[0][1])  # three batches an epoch
    assert np.abs(first[0][1] - draw(2, 0)[0][1]).max() > 0.01
    ratio = np.sqrt(np.square(first[0][1]).mean(axis=1) / np.square(draw(1, 0, 0.0)[0][1]).mean(axis=1))
    assert (np.abs(20 * np.log10(ratio)) <= 6.01).all() and np.ptp(ratio) > 0.01


def test_a_held_note_is_steady_and_one_that_trembles_is_not() -> None:
    rate, note = 22050, 57
    still = held_notes.held_note(note, rate)
    assert held_notes.unsteadiness(still, note, rate) == pytest.approx((0, 0), abs=2.5)
    time = np.arange(len(still)) / rate
    cents = 30 * np.sin(2 * np.pi * 3 * time)
    phase = 2 * np.pi * np.cumsum(held_notes.hertz(note) * 2 ** (cents / 1200)) / rate
    std, off = held_notes.unsteadiness(np.sin(phase).astype(np.float32), note, rate)
    assert std == pytest.approx(30 / np.sqrt(2), rel=0.25) and off < 5
    sharp = np.sin(2 * np.pi * held_notes.hertz(note) * 2 ** (20 / 1200) * time).astype(np.float32)
    assert held_notes.unsteadiness(sharp, note, rate)[1] == pytest.approx(20, abs=4)
