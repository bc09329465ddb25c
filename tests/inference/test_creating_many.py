"""Several pieces by a network that draws in turn: what is drawn at once, kept and told. No network is loaded."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from fstmuse.artifacts.card import Card, read_card
from fstmuse.audio.decode import decode
from fstmuse.audio.write import write
from fstmuse.errors import AudioError, Cancelled, ConfigError
from fstmuse.features.mel import LogMel
from fstmuse.inference import creating
from fstmuse.inference.creating import create_many
from fstmuse.inference.creation_settings import INVERSIONS, Wish, require_settings, title
from fstmuse.inference.generate_result import Creation
from fstmuse.inference.given_clips import require_clips, whole_picture
from tests.generate_fixtures import CREATOR_MEL, LABELS, RATE
from tests.inference.sketcher import Sketcher, card_of_turns

LEAD = CREATOR_MEL.n_fft // CREATOR_MEL.hop_length - 1


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Card:
    return read_card(card_of_turns(tmp_path_factory.mktemp("cards") / "turns"))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("clips") / "a clip.wav"
    write(file, (0.3 * np.sin(2 * np.pi * 440 * np.arange(44100) / 44100)).astype(np.float32), 44100)
    return file


def wishes(count: int, **fields: object) -> list[Wish]:
    return [Wish(**({"seconds": 0.2, "seed": seed} | fields)) for seed in range(count)]


def test_eight_are_drawn_at_once_and_come_one_by_one(card: Card):
    creator, shares = Sketcher(), []
    made = create_many(creator, card, wishes(11), progress=shares.append)
    first = next(made)
    assert creator.batches == [list(range(8))], "the ninth is not drawn before the first is given"
    pieces = [first, *made]
    assert creator.batches == [list(range(8)), [8, 9, 10]]
    assert [piece.seed for piece in pieces] == list(range(11)) and len({piece.label for piece in pieces}) == 3
    for piece in pieces:
        drawn = creator(LEAD + 13, piece.seed, LABELS.index(piece.label)).values
        np.testing.assert_array_equal(piece.picture.values, drawn[LEAD:])
        assert piece.path == title(piece.label, piece.seed) and piece.seconds == 0.2
        assert piece.settings["label"] is None and piece.settings["cut_short"] is False
    assert shares == sorted(shares) and shares[-1] == 1 and len(shares) > 22


def test_long_music_is_drawn_by_fewer_at_once(card: Card, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(creating, "TOGETHER_FRAMES", 3 * (LEAD + 13) + 1)
    creator = Sketcher()
    list(create_many(creator, card, wishes(4)))
    assert creator.batches == [[0, 1, 2], [3]]
    creator = Sketcher()
    list(create_many(creator, card, wishes(2, seconds=1.0)))
    assert creator.batches == [[0], [1]], "one is always drawn"


def test_what_is_unlike_is_drawn_apart(card: Card):
    creator = Sketcher()
    mixed = [*wishes(2, label="Rock"), *wishes(1, label="Folk"), *wishes(2, temperature=0.5)]
    pieces = list(create_many(creator, card, mixed))
    assert creator.batches == [[0, 1, 0], [0, 1]]
    assert [piece.settings["temperature"] for piece in pieces] == [1, 1, 1, 0.5, 0.5]
    assert [piece.label for piece in pieces[:3]] == ["Rock", "Rock", "Folk"]


def test_a_batch_that_is_cut_short_is_kept_whole_and_the_next_is_not_begun(card: Card):
    stop, creator = threading.Event(), Sketcher()
    made, kept = create_many(creator, card, wishes(10, seconds=0.5), cancel=stop), []
    creator.interrupt = stop.set
    with pytest.raises(Cancelled):
        kept.extend(iter(lambda: next(made), None))
    assert [piece.seed for piece in kept] == list(range(8)) and creator.batches == [list(range(8))]
    for piece in kept:
        assert piece.settings["cut_short"] and 0.1 <= piece.seconds < 0.5 and piece.settings["seconds"] == 0.5
    with pytest.raises(Cancelled):
        next(create_many(creator, card, wishes(1), cancel=stop))


def test_an_impossible_wish_is_refused_before_any_is_drawn(card: Card):
    creator = Sketcher()
    with pytest.raises(ConfigError, match="temperature 0"):
        next(create_many(creator, card, [Wish(), Wish(temperature=0)]))
    assert not creator.batches


def test_refined_music_is_that_of_its_clip(card: Card, clip: Path):
    creator = Sketcher()
    two = list(create_many(creator, card, wishes(2, seconds=None, refine=clip, label="Rock", inversion="l-bfgs")))
    picture, samples = whole_picture(clip, CREATOR_MEL, LEAD)
    assert samples == RATE and creator.batches == [[0, 1]]
    np.testing.assert_array_equal(creator.refined, picture)
    for piece in two:
        assert piece.path == f"Rock-a clip-refined-seed{piece.seed}" and len(piece.waveform) == RATE
        told = {"refine": str(clip), "kept_every": {"frame": 2, "band": 1}, "seconds": 1.0, "sound": "l-bfgs"}
        assert piece.settings.items() >= told.items() and "prime" not in piece.settings
        assert len(piece.picture.values) == len(picture) - LEAD
    # The frames before the clip hear its beginning under fewer and fewer windows, not something else.
    np.testing.assert_array_equal(LogMel(CREATOR_MEL)(decode(clip, sample_rate=RATE)), picture[LEAD:])


def test_the_ways_to_sound_are_those_of_inversion(card: Card):
    from fstmuse.features.inversion import METHODS

    assert set(INVERSIONS) <= set(METHODS)
    plain, nearer = (next(create_many(Sketcher(), card, [Wish(0.3, inversion=way)])) for way in INVERSIONS)
    assert [piece.settings["sound"] for piece in (plain, nearer)] == list(INVERSIONS)
    assert off_by(nearer) < off_by(plain)


def off_by(piece: Creation) -> float:
    """How far the sound's picture is from that which was drawn, in amplitudes, relative to these."""
    heard = LogMel(CREATOR_MEL)(piece.waveform[:, 0] / 10 ** (piece.settings["gain_db"] / 20))
    amplitudes = [10 ** (values / 20) for values in (piece.picture.values, heard)]
    return float(np.square(amplitudes[1] - amplitudes[0]).sum() / np.square(amplitudes[0]).sum())


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (Wish(3.0, refine="a.wav"), "Received 3 s and a.wav to refine; expected no length"),
        (Wish(prime="b.wav", refine="a.wav"), "Received b.wav to go on from and a.wav to refine; expected one of them"),
        (Wish(inversion="l-bgfs"), "Unknown inversion 'l-bgfs'. Did you mean 'l-bfgs'?"),
        (Wish(inversion="tfio"), "Unknown inversion 'tfio'"),
    ],
)
def test_what_cannot_be_asked_for(card: Card, asked: Wish, message: str):
    with pytest.raises(ConfigError, match=message):
        require_settings(card, asked)


@pytest.mark.parametrize(("seconds", "message"), [(0.05, "received 0.05 s to refine"), (601, "Give parts of it")])
def test_clips_that_cannot_be_refined(tmp_path: Path, seconds: float, message: str):
    file = tmp_path / "clip.wav"
    write(file, np.zeros(round(seconds * 1000), np.float32), 1000)
    with pytest.raises(AudioError, match=message):
        require_clips(Wish(refine=file))
    with pytest.raises(AudioError, match=message):
        whole_picture(file, CREATOR_MEL, LEAD)
    with pytest.raises(AudioError, match=r"absent\.wav"):
        require_clips(Wish(refine=tmp_path / "absent.wav"))
