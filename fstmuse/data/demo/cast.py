"""Who plays: the fictional artists of the demo set, their instruments, habits and splits.

An artist fixes what a band keeps from song to song: instruments, a range of tempi, ways of
playing, room and mastering. Splits are disjoint by artist, so that a network is tested on
bands it has never heard. The pools of instruments overlap between the styles on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STYLES = ("Folk", "Hip-Hop", "Rock")
SLUGS = {"Folk": "folk", "Hip-Hop": "hiphop", "Rock": "rock"}

# Three artists share nine clips in turn (clip 0, 1, 2 are by different ones), five such
# blocks make 10 artists for training, 2 for validation, 3 for the test, then it repeats.
# So a clip's artist and split do not depend on how many clips are made.
_BLOCKS = (
    ("train", "valid", "test"),
    ("train", "train", "train"),
    ("train", "train", "test"),
    ("train", "train", "valid"),
    ("train", "train", "test"),
)
_CLIPS_PER_BLOCK = 9

_POOLS: dict[str, dict[str, dict[str, float]]] = {
    "Folk": {
        "chords": {
            "steel guitar": 4,
            "nylon guitar": 2,
            "banjo": 1,
            "harp": 1,
            "accordion": 1,
            "piano": 1,
            "clean guitar": 2,
            "organ": 1,
        },
        "lead": {"fiddle": 3, "flute": 2, "voice": 3, "accordion": 1, "steel guitar": 1, "clean guitar": 1},
        "bass": {"upright bass": 3, "electric bass": 3, "sub bass": 1, "": 2},
        "kit": {"hand": 4, "brushes": 4, "acoustic": 1, "lofi": 1},
    },
    "Hip-Hop": {
        "chords": {
            "electric piano": 3,
            "pad": 2,
            "piano": 2,
            "nylon guitar": 2,
            "steel guitar": 2,
            "clean guitar": 2,
            "harp": 1,
            "organ": 1,
            "vibes": 1,
            "accordion": 1,
        },
        "lead": {"voice": 6, "flute": 1, "fiddle": 1, "vibes": 1},
        "bass": {"sub bass": 4, "electric bass": 3, "upright bass": 3},
        "kit": {"lofi": 4, "machine": 4, "acoustic": 3, "brushes": 1},
    },
    "Rock": {
        "chords": {
            "distorted guitar": 8,
            "clean guitar": 4,
            "organ": 2,
            "piano": 1,
            "steel guitar": 2,
            "electric piano": 1,
        },
        "lead": {"voice": 5, "distorted guitar": 3, "clean guitar": 1, "fiddle": 1, "organ": 1},
        "bass": {"electric bass": 5, "upright bass": 1, "sub bass": 1},
        "kit": {"acoustic": 7, "lofi": 2, "machine": 1, "brushes": 1},
    },
}


@dataclass(frozen=True)
class Artist:
    """What stays the same in all clips of one artist.

    Args:
        style: one of `STYLES`.
        group: the manifest's group, such as `demo-folk-artist-01`.
        split: `train`, `valid` or `test`.
        chords, lead, bass, kit: names of sounds; an empty one is not played.
        pace: 0 to 1, slow to fast within the style's range.
        habit: 0 to 1, chooses among the ways of playing of the style.
        drums: chance that a clip has drums at all.
        bright: 0 to 1, brightness of the instruments.
        room: length of the reverb in seconds.
        wet: share of the reverb, 0 to 1.
        squeeze: amount of compression, 0 to 1.
        tilt: slope of the mastered spectrum in dB per octave.
        grip: how far mastering pulls the spectrum to its target, 0 to 1.
        swing: 0 to 1.
    """

    style: str
    group: str
    split: str
    chords: str
    lead: str
    bass: str
    kit: str
    pace: float
    habit: float
    drums: float
    bright: float
    room: float
    wet: float
    squeeze: float
    tilt: float
    grip: float
    swing: float


def artist_of(seed: int, style: str, clip: int) -> Artist:
    """The artist of a style's clip.

    Args:
        seed: of the whole set.
        style: one of `STYLES`.
        clip: index within the style, from 0.
    """
    number = 3 * (clip // _CLIPS_PER_BLOCK) + clip % 3
    rng = np.random.default_rng([seed, STYLES.index(style), 1, number])
    pools = _POOLS[style]
    return Artist(
        style=style,
        group=f"demo-{SLUGS[style]}-artist-{number + 1:02d}",
        split=_BLOCKS[clip // _CLIPS_PER_BLOCK % len(_BLOCKS)][clip % 3],
        chords=_draw(rng, pools["chords"]),
        lead=_draw(rng, pools["lead"]),
        bass=_draw(rng, pools["bass"]),
        kit=_draw(rng, pools["kit"]),
        pace=float(rng.random()),
        habit=float(rng.random()),
        drums={"Folk": float(rng.choice([0.0, 0.5, 1.0], p=[0.2, 0.3, 0.5]))}.get(style, 1.0),
        bright=float(rng.random()),
        room=float(rng.uniform(0.2, 1.6)),
        wet=float(rng.uniform(0.0, 0.35)),
        squeeze=float(rng.random()),
        tilt=float(rng.uniform(-6.5, -2.5)),
        grip=float(rng.uniform(0.65, 0.95)),
        swing=float(rng.random()),
    )


def _draw(rng: np.random.Generator, pool: dict[str, float]) -> str:
    weights = np.array(list(pool.values()), float)
    return str(rng.choice(list(pool), p=weights / weights.sum()))
