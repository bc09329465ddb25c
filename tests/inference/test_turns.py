"""Music by networks that draw in turn: seeds, temperature, primes, cancels, and what artifacts serve."""

from __future__ import annotations

import dataclasses
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.artifacts.card import read_card, sealed, write_card
from fstmuse.artifacts.exports import takes
from fstmuse.artifacts.readme import readme
from fstmuse.audio.write import write
from fstmuse.errors import ArtifactError, AudioError, Cancelled, ConfigError
from fstmuse.features.mel import LogMel
from fstmuse.inference.creation_settings import Wish, require_settings, title
from fstmuse.inference.given_clips import prime_picture
from fstmuse.networks import melnet_tiers
from tests.generate_fixtures import CREATOR_MEL, RATE, small_turns

__all__ = ["small_turns"]


@pytest.fixture(scope="module")
def session(small_turns: Path):
    from fstmuse.inference.session import Session

    return Session(small_turns)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1.5 s in stereo at a rate that is not the network's."""
    file = tmp_path_factory.mktemp("clips") / "a clip.wav"
    time = np.arange(round(1.5 * 44100)) / 44100
    write(file, (0.3 * np.sin(2 * np.pi * np.stack([440 * time, 660 * time], axis=1))).astype(np.float32), 44100)
    return file


def test_a_seed_is_a_piece(session) -> None:
    shares: list[float] = []
    piece = session.generate(0.5, "Rock", 7, progress=shares.append)
    assert (piece.waveform.shape, piece.waveform.dtype, piece.label) == ((RATE // 2, 1), np.float32, "Rock")
    assert (piece.settings["temperature"], piece.settings["cut_short"]) == (1.0, False)
    assert shares == sorted(shares) and shares[-1] == 1 and len(shares) > 30
    np.testing.assert_array_equal(session.generate(0.5, "Rock", 7).waveform, piece.waveform)
    others = ({"seed": 8}, {"label": "Folk"}, {"temperature": 0.3})
    for other in others:
        made = session.generate(**({"seconds": 0.5, "label": "Rock", "seed": 7} | other))
        assert np.abs(made.picture.values - piece.picture.values).max() > 1


def test_many_at_once_are_those_of_their_seeds(session) -> None:
    seeds, labels = [7, 8, 9], [2, 0, 1]
    alone = [session._creator(10, seed, label).values for seed, label in zip(seeds, labels, strict=True)]
    np.testing.assert_allclose(session._creator.many(10, seeds, labels), alone, atol=1e-4)


def test_several_pieces_are_those_of_each(session) -> None:
    wishes = [Wish(0.1, label, seed) for label, seed in (("Rock", 7), (None, 8), (None, 9))]
    pieces = list(session.generate_many(wishes))
    for piece, wish in zip(pieces, wishes, strict=True):
        alone = session.generate(0.1, wish.label, wish.seed)
        np.testing.assert_allclose(piece.picture.values, alone.picture.values, atol=1e-4)
        assert (piece.path, piece.label, piece.settings) == (
            alone.path,
            alone.label,
            alone.settings | {"gain_db": piece.settings["gain_db"]},
        )


def test_draws_around_a_coarse_picture(session) -> None:
    picture = np.random.default_rng(0).normal(-45, 10, (13, CREATOR_MEL.n_mels)).astype(np.float32)
    picture[5] = 0  # louder than the network's units reach
    shares: list[float] = []
    drawn = session._creator.many(13, [7, 8, 9], [2, 2, 0], refine=picture, progress=shares.append)
    assert drawn.shape == (3, 13, CREATOR_MEL.n_mels) and shares == sorted(shares) and shares[-1] == 1
    kept, of_clip = (melnet_tiers.split(values[:, :12], 2) for values in (drawn, picture[None]))
    for clip in kept[0]:
        np.testing.assert_array_equal(clip, of_clip[0][0])
    for one, other in (kept[1][:2], [kept[1][0], of_clip[1][0]]):
        assert np.abs(one - other).mean() > 1
    alone = session._creator(13, 8, 2, refine=picture).values
    np.testing.assert_allclose(drawn[1], alone, atol=1e-4)
    # It heeds what it was given.
    softer = session._creator(13, 8, 2, refine=picture - 20).values
    assert np.abs(softer - alone)[0::2].max() > 1


def test_goes_on_from_a_clip(session, clip: Path) -> None:
    piece = session.generate(0.5, "Rock", 7, prime=clip)
    known = round(piece.settings["prime_seconds"] * RATE / CREATOR_MEL.hop_length)
    heard = piece.picture.values[:known]
    assert piece.path == "Rock-a clip-seed7" and 0 <= 1.5 - piece.settings["prime_seconds"] < 0.1
    assert len(piece.waveform) == known * CREATOR_MEL.hop_length + RATE // 2
    np.testing.assert_array_equal(piece.picture.values[:known], prime_picture(clip, CREATOR_MEL))
    # It heeds what it was given: the same seed goes on in another way after another clip of the same length.
    drawn = [session._creator(8, 7, 2, prime=prime).values[-8:] for prime in (heard[:12], heard[:12] - 20)]
    assert np.abs(drawn[0] - drawn[1]).max() > 1


def test_what_is_whole_when_it_is_cancelled_is_kept(session) -> None:
    stop = threading.Event()
    whole = session.generate(0.5, "Rock", 7)

    def after(share: float) -> None:
        if share > 0.8:
            stop.set()

    piece = session.generate(0.5, "Rock", 7, progress=after, cancel=stop)
    assert piece.settings["cut_short"] and 0.1 <= piece.seconds < 0.5
    same = len(piece.picture.values)
    np.testing.assert_allclose(piece.picture.values, whole.picture.values[:same], atol=1e-3)
    stop.set()
    with pytest.raises(Cancelled):
        session.generate(0.5, "Rock", 7, cancel=stop)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Wish(temperature=0.001), r"temperature 0\.001; expected 0\.01 \(the likeliest"),
        (Wish(temperature=2.5), "temperature 2.5"),
        (Wish(truncation=0.5), "element by element, from no noise that could be truncated"),
        (Wish(towards=3), "no other seed to go towards"),
        (Wish(label="Rok"), "knows no label 'Rok'"),
    ],
)
def test_what_cannot_be_asked_for(small_turns: Path, asked: Wish, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        require_settings(read_card(small_turns), asked)


def test_networks_of_noise_take_neither_temperature_nor_prime(small_turns: Path) -> None:
    noise = dataclasses.replace(read_card(small_turns), network="melgan-c-tiny")
    for asked in (Wish(temperature=0.5), Wish(prime="clip.wav"), Wish(refine="clip.wav")):
        with pytest.raises(ConfigError, match="no temperature, and goes on from no clip"):
            require_settings(noise, asked)


def test_primes_that_are_none(session, tmp_path: Path) -> None:
    short, broken = tmp_path / "short.wav", tmp_path / "broken.wav"
    write(short, np.zeros(100, np.float32), RATE)
    soundfile.write(broken, np.full(RATE, np.nan, np.float32), RATE, "FLOAT")
    with pytest.raises(AudioError, match=r"received 0\.013 s to go on from; expected 0\.064 s at least"):
        session.generate(0.5, prime=short)
    with pytest.raises(AudioError, match="NaN"):
        session.generate(0.5, prime=broken)
    with pytest.raises(AudioError, match=r"absent\.wav"):
        session.generate(0.5, prime=tmp_path / "absent.wav")
    # One frame alone is shorter than the tiers' stride.
    with pytest.raises(ConfigError, match=r"a prime of 1 frames; expected 2 at least"):
        session._creator(4, 0, prime=np.full((1, CREATOR_MEL.n_mels), -40, np.float32))


def test_what_is_served(small_turns: Path, session) -> None:
    import tensorflow as tf

    from fstmuse.artifacts.load import load

    network, _ = load(small_turns)
    served = tf.saved_model.load(str(small_turns / "saved_model"))
    picture = np.random.default_rng(0).normal(-45, 10, (2, 12, CREATOR_MEL.n_mels)).astype(np.float32)
    given = {"picture": tf.constant(picture), "label": tf.constant([0, 2])}
    answer, expected = served.signatures["serve"](**given), network(given)
    for name in ("nll1", "nll2"):
        np.testing.assert_allclose(answer[name], expected[name], atol=1e-4)
    generate = served.signatures["generate"]
    asked = {"seconds": tf.constant(0.3), "label": tf.constant("Rock"), "temperature": tf.constant(0.8)}
    piece, again, other = (generate(seed=tf.constant(seed), **asked)["waveform"].numpy() for seed in (7, 7, 8))
    np.testing.assert_array_equal(piece, again)
    assert piece.shape == (2400,) and np.abs(piece - other).max() > 0.01 and np.abs(piece).max() <= 0.991
    for more in ({"temperature": tf.constant(0.1)}, {"label": tf.constant("Folk")}):
        assert np.abs(generate(seed=tf.constant(7), **asked | more)["waveform"].numpy() - piece).max() > 0.01
    # What is drawn is as likely as what the session draws: both draw from the same mixtures.
    drawn = LogMel(CREATOR_MEL)(generate(seed=tf.constant(1), **asked | {"seconds": tf.constant(1.0)})["waveform"])
    beside = LogMel(CREATOR_MEL)(session.generate(1.0, "Rock", 1, temperature=0.8).waveform[:, 0])
    assert abs(float(drawn.mean() - beside.mean())) < 3


def test_what_is_told_of_it(small_turns: Path) -> None:
    card = read_card(small_turns)
    assert takes(card).startswith("seed int32 (), seconds float32 (), temperature float32 () and label string () ->")
    text = readme(card)
    assert "temperature=tf.constant(1.0)" in text and "element by element" in text and "Not measured" in text
    told = dataclasses.replace(card, metrics={"test": {"nll": -0.5, "unit": "nats", "n": 4, "beside": {}}})
    assert "- Test: NLL per element -0.50 nats; n = 4 clips" in readme(told)
    assert title("Rock", 7, "net", prime=Path("x/a b.mp3")) == "net-Rock-a b-seed7"


def test_a_card_that_does_not_fit_is_refused(small_turns: Path, tmp_path: Path) -> None:
    from fstmuse.artifacts.load import load

    folder = Path(shutil.copytree(small_turns, tmp_path / "turns"))
    write_card(sealed(dataclasses.replace(read_card(folder), labels=()), folder), folder)
    with pytest.raises(ArtifactError, match="Card and network are not of one artifact"):
        load(folder)
