"""Music from noise: the same for a seed, of any length, never clipped; what cannot be made is refused."""

from __future__ import annotations

import dataclasses
import json
import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.artifacts.card import read_card
from fstmuse.errors import ArtifactError, Cancelled, ConfigError, SpecError
from fstmuse.features.picture import MelPicture
from fstmuse.inference.creating import create, levelled
from fstmuse.inference.creation_settings import Wish, label_number, require_settings, title
from fstmuse.inference.generate_result import FORMATS
from fstmuse.inference.network_creator import between
from fstmuse.inference.outputs import name_for, save_result
from tests.card_fixtures import make_artifact
from tests.generate_fixtures import BOUND_MEL, BOUND_S, CREATOR_MEL, LABELS, RATE, bound_creator, small_creator

__all__ = ["bound_creator", "small_creator"]


@pytest.fixture(scope="module")
def session(small_creator: Path):
    from fstmuse.inference.session import Session

    return Session(small_creator)


def rms_db(sound: np.ndarray) -> float:
    return 10 * np.log10(np.mean(np.square(sound, dtype=np.float64)))


def test_a_seed_is_a_piece(session):
    shares: list[float] = []
    piece = session.generate(1.0, "Rock", 7, progress=shares.append)
    assert (piece.sample_rate, piece.waveform.shape, piece.waveform.dtype) == (RATE, (RATE, 1), np.float32)
    assert (piece.label, piece.seed, piece.seconds, piece.path, piece.part) == ("Rock", 7, 1.0, "Rock-seed7", "")
    assert piece.model == session.card.signature and piece.settings["sound"] == "griffin-lim"
    assert np.abs(piece.waveform).max() <= 0.99
    assert rms_db(piece.waveform) == pytest.approx(-20, abs=0.01) or np.abs(piece.waveform).max() > 0.98
    assert piece.picture.spec == CREATOR_MEL and len(piece.picture.values) == 63
    assert shares == sorted(shares) and shares[-1] == 1
    np.testing.assert_array_equal(session.generate(1.0, "Rock", 7).waveform, piece.waveform)
    for other in (session.generate(1.0, "Rock", 8), session.generate(1.0, "Folk", 7)):
        assert np.abs(other.picture.values - piece.picture.values).max() > 1


def test_longer_music_begins_as_shorter_does(session):
    short, long = (session._creator(frames, 5, 1).values for frames in (40, 1100))  # the longer one in two steps
    assert len(long) == 1100
    np.testing.assert_allclose(long[:40], short, atol=1e-3)
    # Where one step ends and the next begins, what is drawn is what one row of cells says.
    whole = session._creator._draw
    rng = np.random.default_rng(5)
    noise = {"style": rng.standard_normal((1, 64), np.float32), "label": np.array([1], np.int32)}
    noise["cells"] = rng.standard_normal((1, 8 + 69, 32), np.float32)
    np.testing.assert_allclose(np.maximum(whole(noise)[0][:1100], -100), long, atol=1e-3)


def test_truncation_leads_to_the_most_usual_music(session):
    pictures = [[session._creator(32, seed, 0, scale).values for seed in (1, 2)] for scale in (0.0, 0.5, 1.0)]
    none, half, full = (np.abs(one - other).mean() for one, other in pictures)
    assert none == 0 < half < full


def test_between_two_seeds(session):
    def piece(share: float, label: str | None = "Rock"):
        return session.generate(0.5, label, 7, towards=9, share=share)

    first, last = (session.generate(0.5, "Rock", seed) for seed in (7, 9))
    np.testing.assert_array_equal(piece(0.0).waveform, first.waveform)
    np.testing.assert_array_equal(piece(1.0).waveform, last.waveform)
    middle = piece(0.5)
    away = [np.abs(middle.picture.values - end.picture.values).mean() for end in (first, last)]
    assert min(away) > 0 and max(away) < np.abs(first.picture.values - last.picture.values).mean()
    assert (middle.path, middle.words) == ("Rock-seed7-towards9-0500", "Rock, seed 7, 50 % towards 9")
    drawn = [LABELS[label_number(LABELS, None, seed)] for seed in (7, 9)]
    assert drawn[0] != drawn[1]
    assert [piece(share, None).label for share in (0.5, 0.51)] == drawn, "the nearer seed draws it"


def test_vectors_turn_and_keep_their_length():
    rng = np.random.default_rng(1)
    one, other = (rng.standard_normal((1, 5, 32), np.float32) for _ in range(2))
    np.testing.assert_array_equal(between(one, other, 0.0), one)
    np.testing.assert_array_equal(between(one, other, 1.0), other)
    lengths = [np.linalg.norm(values, axis=-1) for values in (one, between(one, other, 0.25), other)]
    np.testing.assert_allclose(lengths[1], 0.75 * lengths[0] + 0.25 * lengths[2], rtol=1e-5)

    def angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.arccos((a * b).sum(-1) / np.linalg.norm(a, axis=-1) / np.linalg.norm(b, axis=-1))

    np.testing.assert_allclose(angle(one, between(one, other, 0.25)), 0.25 * angle(one, other), rtol=1e-3)
    np.testing.assert_allclose(between(one, 3 * one, 0.5), 2 * one, rtol=1e-4, err_msg="the same direction")
    assert not between(np.zeros((1, 4), np.float32), np.zeros((1, 4), np.float32), 0.5).any()


def test_the_seed_draws_a_label_where_none_is_asked_for(session):
    drawn = {label_number(LABELS, None, seed) for seed in range(20)}
    assert drawn == {0, 1, 2}
    piece = session.generate(0.2, seed=3)
    assert piece.label == LABELS[label_number(LABELS, None, 3)] and piece.settings["label"] is None
    asked = session.generate(0.2, piece.label, 3)
    np.testing.assert_array_equal(asked.waveform, piece.waveform)


def test_a_network_of_one_length(bound_creator: Path):
    from fstmuse.inference.session import Session

    session = Session(bound_creator)
    piece = session.generate(seed=2)
    assert piece.seconds == BOUND_S and piece.label is None and piece.path == "seed2"
    assert piece.picture.values.min() >= 0 and np.isfinite(piece.waveform).all() and piece.waveform.any()
    part = session.generate(0.5, seed=2)
    assert part.seconds == 0.5 and len(part.picture.values) == 16
    # A little of what is drawn lies before it, so that it begins under as many windows as all else.
    np.testing.assert_array_equal(part.picture.values, piece.picture.values[1:17])
    with pytest.raises(ConfigError, match=r"Received 1 s; bound draws 0\.96 s at once"):
        session.generate(1.0)
    with pytest.raises(ConfigError, match="the label 'Rock'; bound makes music of one kind"):
        session.generate(label="Rock")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"seconds": -3.0}, "Received -3 s; expected 0.1 to 600 s"),
        ({"seconds": 3600.0}, "Received 3600 s; expected 0.1 to 600 s"),
        ({"seconds": float("nan")}, "Received nan s"),
        ({"label": "Rok"}, "knows no label 'Rok'. Did you mean 'Rock'"),
        ({"truncation": 1.5}, "Received the truncation 1.5; expected 0"),
        ({"seed": -1}, "Received the seed -1"),
        ({"towards": -2}, "Received the seed -2"),
        ({"towards": 9, "share": 1.2}, "Received the share 1.2; expected 0"),
        ({"share": 0.5}, "share 0.5 of the way to no other seed"),
    ],
)
def test_impossible_settings_are_refused(small_creator: Path, setting: dict, words: str):
    with pytest.raises(ConfigError, match=words):
        require_settings(read_card(small_creator), Wish(**setting))


def test_what_the_card_tells_is_known_before_the_network_is_loaded(small_creator: Path, tmp_path: Path):
    card = read_card(small_creator)
    apart = dataclasses.replace(card, mel=dataclasses.replace(card.mel, hop_length=400))
    with pytest.raises(SpecError, match="hop_length=400; expected 1 to 256"):
        require_settings(apart, Wish())
    toygan = read_card(make_artifact(tmp_path / "drawn", network="toygan", task="generate", labels=()))
    with pytest.raises(ConfigError, match=r"drawn draws 6\.03 s at once and no more"):
        require_settings(toygan, Wish(6.1))


class Painter:
    """Draws what it is told."""

    def __init__(self, value: float) -> None:
        self.spec, self.most_frames, self.value = CREATOR_MEL, None, value

    def __call__(self, frames: int, *_: object, **__: object) -> MelPicture:
        return MelPicture(np.full((frames, CREATOR_MEL.n_mels), self.value), CREATOR_MEL)


def test_nothing_is_softer_than_silence():
    from fstmuse.networks.creators import not_below_silence

    drawn = np.array([[-150.0, -3.0]], np.float32)
    np.testing.assert_array_equal(not_below_silence(drawn, CREATOR_MEL), [[CREATOR_MEL.floor_db, -3]])
    np.testing.assert_array_equal(not_below_silence(drawn, BOUND_MEL), [[0, 0]])


def test_silence_stays_silence(small_creator: Path):
    piece = create(Painter(-100.0), read_card(small_creator), Wish(0.2))
    assert not piece.waveform.any() and piece.settings["gain_db"] == 0


def test_levels():
    times = np.arange(RATE) / RATE
    tone = np.sin(2 * np.pi * 440 * times).astype(np.float32)
    sound, gain_db = levelled(5 * tone, RATE)
    assert rms_db(sound) == pytest.approx(-20, abs=0.01) and gain_db == pytest.approx(-30.9, abs=0.1)
    assert sound[0] == sound[-1] == 0
    clicks = np.zeros(RATE, np.float32)
    clicks[4000] = 0.01
    assert np.abs(levelled(clicks, RATE)[0]).max() == pytest.approx(0.99)


def test_cancelling_and_other_tasks(session):
    stop = threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        session.generate(1.0, cancel=stop)
    with pytest.raises(ArtifactError, match="was trained to generate; expected an artifact that classifies"):
        session.classify(np.zeros(RATE, np.float32))


def test_files(session, tmp_path: Path):
    piece = session.generate(0.5, "R&B/Soul", 7, 0.8)
    assert name_for(piece, "wav", "net") == "R&B_Soul-seed7.net.wav"
    files = save_result(piece, tmp_path, FORMATS, "net 0123456789ab")
    assert [file.name for file in files] == [f"R&B_Soul-seed7.net.{suffix}" for suffix in ("wav", "png", "json")]
    sound, rate = soundfile.read(files[0], dtype="float32", always_2d=True)
    assert rate == RATE
    np.testing.assert_allclose(sound, piece.waveform, atol=2**-15)
    assert files[1].read_bytes().startswith(b"\x89PNG")
    told = json.loads(files[2].read_text("utf-8"))
    assert (told["label"], told["seed"], told["seconds"], told["samples"]) == ("R&B/Soul", 7, 0.5, RATE // 2)
    assert told["settings"]["truncation"] == 0.8 and told["mel"]["n_mels"] == 64
    assert (told["towards"], told["share"]) == (None, 0)
    assert title("Rock", 7, "x" * 300).endswith("-seed7") and len(title("Rock", 7, "x" * 300)) <= 240
