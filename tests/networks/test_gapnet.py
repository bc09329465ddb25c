"""GapNet starts at linear interpolation, leaves known frames alone and learns in the gap."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from fstmuse.networks.gapnet import gapnet

MELS = 8


@pytest.fixture
def pictures() -> np.ndarray:
    return np.random.default_rng(0).uniform(-80, 0, (3, 30, MELS)).astype(np.float32)


def missing(first: int, last: int, frames: int = 30) -> np.ndarray:
    mask = np.zeros((3, frames), np.float32)
    mask[:, first:last] = 1
    return mask


def small() -> keras.Model:
    return gapnet((None, MELS), width=16, dilations=(1, 2))


def fill(network: keras.Model, picture: np.ndarray, gap: np.ndarray) -> np.ndarray:
    return keras.ops.convert_to_numpy(network({"picture": picture, "missing": gap}, training=False))


def unlike(network: keras.Model) -> keras.Model:
    """The network with a last layer that says something, as after training."""
    for name in ("correction_onwards", "correction_back"):
        layer = network.get_layer(name)
        layer.set_weights([np.random.default_rng(1).normal(size=weight.shape) for weight in layer.get_weights()])
    return network


def test_untrained_it_is_linear_interpolation(pictures: np.ndarray) -> None:
    filled = fill(small(), pictures, missing(10, 14))
    share = np.arange(1, 5)[None, :, None] / 5
    line = pictures[:, 9:10] + (pictures[:, 14:15] - pictures[:, 9:10]) * share
    np.testing.assert_allclose(filled[:, 10:14], line, atol=1e-4)


@pytest.mark.parametrize(("first", "last", "held"), [(0, 5, 5), (26, 30, 25)])
def test_at_an_end_the_nearest_known_frame_is_held(pictures: np.ndarray, first: int, last: int, held: int) -> None:
    filled = fill(small(), pictures, missing(first, last))
    np.testing.assert_array_equal(filled[:, first:last], np.repeat(pictures[:, held : held + 1], last - first, 1))


def test_known_frames_come_out_as_they_went_in(pictures: np.ndarray) -> None:
    gap = missing(10, 14)
    gap[1] = missing(3, 9)[1] + missing(20, 21)[1]
    filled = fill(unlike(small()), pictures, gap)
    np.testing.assert_array_equal(filled[gap < 0.5], pictures[gap < 0.5])
    assert (np.abs(filled - pictures)[gap > 0.5] > 0).all()


def test_what_stands_in_the_gap_does_not_matter(pictures: np.ndarray) -> None:
    network, gap = unlike(small()), missing(10, 14)
    other = pictures.copy()
    other[:, 10:14] = np.nan
    np.testing.assert_array_equal(fill(network, pictures, gap), fill(network, other, gap))


def test_a_louder_picture_is_filled_louder(pictures: np.ndarray) -> None:
    network, gap = unlike(small()), missing(10, 14)
    np.testing.assert_allclose(fill(network, pictures + 6, gap), fill(network, pictures, gap) + 6, atol=1e-3)


def test_nothing_known_is_no_failure(pictures: np.ndarray) -> None:
    assert np.isfinite(fill(unlike(small()), pictures, missing(0, 30))).all()


def test_other_clips_of_the_batch_do_not_matter(pictures: np.ndarray) -> None:
    network, gap = unlike(small()), missing(10, 14)
    together = fill(network, pictures, gap)
    np.testing.assert_allclose(together[1:2], fill(network, pictures[1:2], gap[1:2]), atol=1e-3)


def test_any_number_of_frames_goes_in() -> None:
    network = unlike(small())
    for frames in (1, 5, 200):
        picture = np.zeros((3, frames, MELS), np.float32)
        assert fill(network, picture, missing(0, 1, frames)).shape == picture.shape


def test_it_is_saved_and_loaded(pictures: np.ndarray, tmp_path: Path) -> None:
    network, gap = unlike(small()), missing(10, 14)
    network.save(tmp_path / "network.keras")
    loaded = keras.saving.load_model(tmp_path / "network.keras", safe_mode=True)
    np.testing.assert_array_equal(fill(loaded, pictures, gap), fill(network, pictures, gap))


def test_it_learns_what_a_straight_line_cannot_say() -> None:
    rng = np.random.default_rng(0)
    tops = rng.uniform(-40, 0, (64, 1, MELS))
    # Every picture dips in the middle of its gap; the line between the edges knows nothing of it.
    picture = np.repeat(tops, 11, axis=1).astype(np.float32)
    dip = 10 * np.sin(np.linspace(0, np.pi, 5))[None, :, None]
    picture[:, 3:8] -= dip.astype(np.float32)
    gap = np.repeat(missing(3, 8, 11)[:1], 64, axis=0)
    network = small()
    network.compile(keras.optimizers.Adam(1e-2), "mae")
    before = float(network.evaluate({"picture": picture, "missing": gap}, picture, verbose=0))
    network.fit({"picture": picture, "missing": gap}, picture, epochs=30, verbose=0)
    after = float(network.evaluate({"picture": picture, "missing": gap}, picture, verbose=0))
    assert after < 0.2 * before
