"""How steadily a held note's pitch comes through: what vocoders made for speech get wrong. Free of TensorFlow.

Synthesised notes, as only of these the pitch is known to hold: eight harmonics that fade as a piano's, each struck
once and held. What comes out is listened to by YIN (de Cheveigné and Kawahara, 2002) as librosa has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

NOTES = (45, 52, 57, 62, 64, 69, 72, 76)
"""MIDI: A2 (110 Hz) to E5 (659 Hz)."""

SECONDS = 2.5
_EDGE_S = 0.3  # of the beginning and the end, where a note is struck or the window reaches beyond it
_HARMONICS = 8
_WITHIN = 2 ** (5 / 12)  # of the note: YIN's jumps by an octave are told apart from an unsteady pitch
_FRAME_S = 0.1


def hertz(note: int) -> float:
    """Of a MIDI note, in Hz."""
    return 440.0 * 2 ** ((note - 69) / 12)


def held_note(note: int, rate: int, seconds: float = SECONDS) -> np.ndarray:
    """One note, held: float32 (samples,), peak 0.5."""
    time = np.arange(round(seconds * rate)) / rate
    sound = np.zeros_like(time)
    for harmonic in range(1, _HARMONICS + 1):
        frequency = harmonic * hertz(note)
        if frequency < rate / 2:
            sound += np.exp(-0.6 * harmonic * time) / harmonic * np.sin(2 * np.pi * frequency * time + harmonic)
    sound *= np.minimum(1, time / 0.01)
    return (0.5 * sound / np.abs(sound).max()).astype(np.float32)


def unsteadiness(sound: np.ndarray, note: int, rate: int) -> tuple[float, float]:
    """How far the pitch of a held note wanders, and how far its mean is off.

    Args:
        sound: float32 (samples,), of `held_note` or what became of it.
        note: MIDI.
        rate: in Hz.

    Returns:
        Standard deviation of the pitch over time, and the distance of its mean from the note's, both in cents.
    """
    import librosa

    edge, frame = round(_EDGE_S * rate), 2 * round(_FRAME_S * rate / 2)
    middle = np.asarray(sound[edge:-edge], np.float32)
    pitch = librosa.yin(
        middle,
        fmin=hertz(note) / _WITHIN,
        fmax=hertz(note) * _WITHIN,
        sr=rate,
        frame_length=frame,
        hop_length=frame // 8,
        center=False,
    )
    cents = 1200 * np.log2(pitch / hertz(note))
    return float(cents.std()), float(abs(cents.mean()))


def wobble(again: Callable[[np.ndarray], np.ndarray], rate: int) -> dict[str, float]:
    """What a way from sound to sound makes of held notes.

    Args:
        again: from float32 (samples,) to float32, at least as many samples less half a second.
        rate: in Hz.

    Returns:
        Means over `NOTES` of `unsteadiness`: `std` and `off`, in cents.
    """
    found = np.array([unsteadiness(again(sound), note, rate) for note, sound in _notes(rate)])
    return {"std": float(found[:, 0].mean()), "off": float(found[:, 1].mean())}


def _notes(rate: int) -> Iterator[tuple[int, np.ndarray]]:
    for note in NOTES:
        yield note, held_note(note, rate)
