"""What people are told of gaps: how wide they are, and what is to be expected of filling them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from fstmuse.audio.dropouts import BROKEN, CLIPPED, SILENT, STUCK

translate = QCoreApplication.translate

Gap = tuple[float, float]
"""Start and end in s."""

PREDICTED_MS, TRANSPARENT_MS = 40, 250
"""Up to the first, no network is needed (`fstmuse.features.gap_sound.PREDICTED_S`); beyond the second, no way that
is known fills a gap so that nobody hears it."""

REASONS = {
    SILENT: QT_TRANSLATE_NOOP("Gap", "silent"),
    STUCK: QT_TRANSLATE_NOOP("Gap", "stuck"),
    CLIPPED: QT_TRANSLATE_NOOP("Gap", "clipped"),
    BROKEN: QT_TRANSLATE_NOOP("Gap", "not a number"),
}
"""Why a stretch was taken for a dropout."""


def reason_words(reason: str) -> str:
    """Why a stretch was taken for a dropout, translated.

    Args:
        reason: as `fstmuse.audio.dropouts.Dropout` has it; empty for a gap that was marked by hand.
    """
    return ", ".join(translate("Gap", REASONS.get(part, part)) for part in reason.split(" and ") if part)


def width_words(seconds: float) -> str:
    """A width as people read it: `0.045 ms`, `45 ms`, `2.400 s`."""
    if seconds >= 1:
        return translate("Gap", "{0:.3f} s").format(seconds)
    return translate("Gap", "{0} ms").format(f"{1000 * seconds:.0f}" if seconds >= 0.01 else f"{1000 * seconds:.3g}")


def total_words(gaps: Sequence[Gap]) -> str:
    """How many gaps there are and how wide they are together."""
    width = width_words(sum(end - start for start, end in gaps))
    if len(gaps) == 1:
        return translate("Gap", "1 gap of {0}").format(width)
    return translate("Gap", "{0} gaps, {1} in all").format(len(gaps), width)


def expected(gaps: Sequence[Gap]) -> str:
    """What is to be expected of filling gaps, by the widest; empty where there is none."""
    if not gaps:
        return ""
    widest_ms = 1000 * max(end - start for start, end in gaps)
    if widest_ms <= PREDICTED_MS + 1e-6:
        return translate(
            "Gap",
            "Up to 40 ms the sound is carried on from both sides, and no network is asked.",
        )
    if widest_ms <= TRANSPARENT_MS:
        return translate(
            "Gap",
            "From 40 to 250 ms held notes go on well; notes that began in the gap are not known to anybody and "
            "stay missing.",
        )
    return translate(
        "Gap",
        "Wider than 250 ms: nobody fills that so that it is not heard. Expect a blurred passage that fits its sides, "
        "not the notes or words that were there.",
    )
