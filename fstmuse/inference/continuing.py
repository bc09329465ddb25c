"""Clips that go on beyond their end, with a network or without. Free of TensorFlow at import."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import threadpoolctl

from fstmuse.errors import AudioError
from fstmuse.features.continue_picture import PictureContinuer
from fstmuse.features.continue_sound import ITERATIONS, continue_sound, require_settings
from fstmuse.inference.continue_result import Continuation
from fstmuse.inference.infilling import PLAIN, decoded, picture_around, stored_subtype
from fstmuse.interrupt import Cancel, Progress, part_of

_SHOWN_S = 6.0
"""Of the clip's end in the pictures."""

_SOUND_SHARE = 0.9
"""Of the time, for the progress: the rest goes to the pictures."""


def go_on(
    sound: Path | str,
    seconds: float,
    *,
    continuer: PictureContinuer | None = None,
    model: str = PLAIN,
    seed: int = 0,
    spread: float = 1.0,
    iterations: int = ITERATIONS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Continuation:
    """Lets a sound file go on.

    Args:
        sound: path of an audio file of any rate and number of channels.
        seconds: by how much it becomes longer.
        continuer: a network; None holds the end and lets it die away to what is usual in the clip.
        model: the network's signature, for the result.
        seed: of what cannot be foreseen, and of the phases.
        spread: how far it goes from the best guess, which is 0.
        iterations: of Griffin-Lim.
        progress: called with the share that is done, 0 to 1, rising.
        cancel: looked at between steps.

    Returns:
        The whole clip, longer.

    Raises:
        AudioError: the file cannot be read, is too short, holds NaN, or ends in silence.
        ConfigError: a setting is impossible.
        Cancelled: `cancel` was set.
    """
    require_settings(seconds, spread, iterations, seed)
    path = Path(sound)
    samples, rate = decoded(path)
    # As for gaps: on busy cores BLAS' threads wait for each other longer than one takes alone.
    with threadpoolctl.threadpool_limits(1, "blas"):
        try:
            longer = continue_sound(
                samples,
                rate,
                seconds,
                continuer,
                seed=seed,
                spread=spread,
                iterations=iterations,
                progress=part_of(progress, 0.0, _SOUND_SHARE),
                cancel=cancel,
            )
        except AudioError as error:
            raise AudioError(f"{path}: {error}") from None
        made = [(len(samples), len(longer))]
        after, start_s = picture_around(longer, rate, made, _SHOWN_S)
        # Before, silence lies where the clip goes on.
        silence = np.zeros((len(longer) - len(samples), samples.shape[1]), np.float32)
        before, _ = picture_around(np.concatenate([samples, silence]), rate, made, _SHOWN_S)
    if progress:
        progress(1.0)
    settings = {"seconds": seconds, "spread": spread, "iterations": iterations}
    if continuer is not None:
        settings |= {"mel": dataclasses.asdict(continuer.spec)}
    return Continuation(
        str(sound), rate, longer, tuple(made), before, after, start_s, seed, settings, model, stored_subtype(path)
    )
