"""Music from noise, or from nothing or a clip, by a trained network. Free of TensorFlow at import."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.errors import Cancelled
from fstmuse.features.inversion import invert
from fstmuse.features.picture import MelPicture
from fstmuse.inference.creation_plan import Plan, planned
from fstmuse.inference.creation_settings import LEAST_S, Wish, label_number, nearer, require_settings, title
from fstmuse.inference.creators import PictureCreator
from fstmuse.inference.generate_result import Creation
from fstmuse.inference.turn_creator import TurnCreator
from fstmuse.interrupt import Cancel, Progress, part_of

LEVEL_DB, PEAK = -20.0, 0.99
"""RMS of the sound relative to full scale; less where its peak would be higher than this."""

TOGETHER, TOGETHER_FRAMES = 8, 4200
"""Pieces that a network that draws in turn draws at once, at most, and frames of all of them: eight of 12 s, which take
0.8 GB of memory with melnet-tiny."""

_FADE_S = 0.005
_SILENT = 1e-6
_DRAWING_SHARE, _TURNS_SHARE = 0.3, 0.95
"""Of the time, for the progress: the rest goes to the sound. The latter is that of networks that draw in turn."""


def create(
    creator: PictureCreator,
    card: Card,
    wish: Wish,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Creation:
    """Makes music: `fstmuse.inference.session.Session.generate` tells of what comes.

    Args:
        creator: the network.
        card: of its artifact.
        wish: what is asked for.
        progress: called with the share that is done, 0 to 1, rising.
        cancel: looked at between steps.

    Returns:
        The music; less of it, where `cancel` was set after a network that draws in turn had drawn some.

    Raises:
        ArtifactError: the network draws no numbers.
        AudioError: a clip cannot be read, is too short or too long.
        ConfigError: a setting is impossible, or there is no such label.
        SpecError: pictures like these cannot be made into sound.
        Cancelled: `cancel` was set.
    """
    return next(create_many(creator, card, [wish], progress=progress, cancel=cancel))


def create_many(
    creator: PictureCreator,
    card: Card,
    wishes: Sequence[Wish],
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Iterator[Creation]:
    """Makes several pieces. A network that draws in turn draws those at once that differ in seed and label alone.

    Args:
        creator: the network.
        card: of its artifact.
        wishes: what is asked for.
        progress: called with the share of all that is done, 0 to 1, rising.
        cancel: looked at between steps.

    Yields:
        The music of each wish as `create` makes it, once it is whole. All that was drawn at once is kept.

    Raises:
        ArtifactError: as `create`, as are the following.
        AudioError: likewise.
        ConfigError: likewise; before any is made, where a card can tell.
        SpecError: likewise.
        Cancelled: `cancel` was set before all were made.
    """
    for wish in wishes:
        require_settings(card, wish)
    done = 0
    while done < len(wishes):
        if cancel is not None and cancel.is_set():
            raise Cancelled("Cancelled before all music was made.")
        plan = planned(creator, card, wishes[done])
        batch = _alike(wishes[done:], max(1, min(TOGETHER, TOGETHER_FRAMES // plan.frames)) if card.in_turn else 1)
        part = part_of(progress, done / len(wishes), (done + len(batch)) / len(wishes))
        yield from _made(creator, card, batch, plan, part, cancel)
        done += len(batch)


def _alike(wishes: Sequence[Wish], most: int) -> list[Wish]:
    """The first wishes, `most` of them at most, that differ in seed and label alone."""
    apart = {"seed": 0, "label": None}
    kind = dataclasses.replace(wishes[0], **apart)
    alike = itertools.takewhile(lambda wish: dataclasses.replace(wish, **apart) == kind, wishes)
    return list(itertools.islice(alike, most))


def _made(
    creator: PictureCreator,
    card: Card,
    batch: Sequence[Wish],
    plan: Plan,
    progress: Progress | None,
    cancel: Cancel | None,
) -> Iterator[Creation]:
    share = _TURNS_SHARE if card.in_turn else _DRAWING_SHARE
    labels = [label_number(card.labels, wish.label, nearer(wish.seed, wish.towards, wish.share)) for wish in batch]
    options = plan.options | {"progress": part_of(progress, 0.0, share), "cancel": cancel}
    if isinstance(creator, TurnCreator):
        pictures = creator.many(plan.drawn, [wish.seed for wish in batch], labels, **options)
    else:
        pictures = [creator(plan.drawn, batch[0].seed, labels[0], **options).values]
    each = (1 - share) / len(batch)
    for place, (wish, label, values) in enumerate(zip(batch, labels, pictures, strict=True)):
        sounding = part_of(progress, share + place * each, share + (place + 1) * each)
        # What took long to draw is not thrown away for the moment that its sound takes.
        picture, kept = MelPicture(values, creator.spec), None if card.in_turn else cancel
        yield _sounded(picture, card, wish, label, plan, sounding, kept)


def _sounded(
    whole: MelPicture,
    card: Card,
    wish: Wish,
    label: int,
    plan: Plan,
    progress: Progress | None,
    cancel: Cancel | None,
) -> Creation:
    """The music of a picture, with the frames of its lead."""
    spec = whole.spec
    samples = min(plan.samples, (len(whole.values) - plan.lead) * spec.hop_length)
    if samples < LEAST_S * spec.sample_rate:
        raise Cancelled("Cancelled before any music was made.")
    sound = invert(whole, method=wish.inversion, progress=progress, cancel=cancel)
    begins = plan.lead * spec.hop_length
    waveform, gain_db = levelled(sound[begins : begins + samples], spec.sample_rate)
    settings = {
        "seconds": plan.seconds,
        "label": wish.label,
        "network": card.network,
        "sound": wish.inversion,
        "gain_db": gain_db,
    }
    if card.in_turn:
        settings |= {"temperature": wish.temperature, "cut_short": len(whole.values) < plan.frames}
    else:
        settings |= {"truncation": wish.truncation}
    name = card.labels[label] if card.labels else None
    between = {"towards": wish.towards, "share": wish.share}
    return Creation(
        path=title(name, wish.seed, **between, prime=wish.prime, refine=wish.refine),
        sample_rate=spec.sample_rate,
        waveform=waveform[:, None],
        picture=MelPicture(whole.values[plan.lead :], spec),
        seed=wish.seed,
        label=name,
        **between,
        settings=settings | plan.told,
        model=card.signature,
    )


def levelled(sound: np.ndarray, rate: int) -> tuple[np.ndarray, float]:
    """Sound as loud as music usually is, never clipped, that begins and ends without a click.

    Args:
        sound: float32 (samples,).
        rate: in Hz.

    Returns:
        float32 (samples,), and by how much it was made louder, in dB; 0 where it is silent.
    """
    edge = min(round(_FADE_S * rate), len(sound) // 2)
    ramp = np.linspace(0, 1, edge, endpoint=False)
    sound = sound.astype(np.float64)
    sound[:edge] *= ramp
    sound[len(sound) - edge :] *= ramp[::-1]
    peak = float(np.abs(sound).max())
    if peak < _SILENT:
        return sound.astype(np.float32), 0.0
    gain = min(10 ** (LEVEL_DB / 20) / float(np.sqrt(np.mean(sound**2))), PEAK / peak)
    return (gain * sound).astype(np.float32), float(20 * np.log10(gain))
