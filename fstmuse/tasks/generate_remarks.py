"""What a look at the music to learn from says in words, and how to mend what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from fstmuse.data.wording import counted
from fstmuse.tasks.generate_data import LISTENED_S, MusicReport, Twins

LEAST_MINUTES = 5.0
"""Of a label, or of all music where there are no labels: some hundred windows of 3 s that share nothing. Pictures of
fewer minutes are fewer values (43 frames of 128 bands a second) than the smallest network of the catalogue has weights
(1.6 million), which then can learn them by heart."""

FEWER = 1 / 3
"""Of the minutes of the label that has most: a label of less is drawn worse."""

MUCH_SILENCE, MUCH_CLIPPED = 0.1, 0.05
"""Shares from which on silence and clipping are worth a warning: the network draws what it is shown."""

_NAMED = 3


def remarks(report: MusicReport) -> list[str]:
    """The report as sentences: what there is, then what is wrong with it and how to mend it."""
    return [_summary(report), *_too_little(report), *_flaws(report), *_twice(report)]


def _summary(report: MusicReport) -> str:
    by_label = [f"{label} {_minutes(minutes)}" for label, minutes in report.minutes.items() if label]
    total = _minutes(sum(report.minutes.values()))
    parts = [
        f"Music to learn from: {total} in {counted(sum(report.clips.values()), 'clip')}"
        + (f" ({', '.join(by_label)})" if by_label else ""),
        f"{_minutes(report.valid_minutes)} for validation",
        f"silent: {_percent(report.silent)}",
        f"clipped: {len(report.clipped)} of {counted(report.listened, 'clip')}",
        f"recordings that lie in twice: {len(report.twins)}",
    ]
    return "; ".join(parts) + "."


def _too_little(report: MusicReport) -> list[str]:
    found = []
    short = [(label, minutes) for label, minutes in report.minutes.items() if minutes < LEAST_MINUTES]
    if short:
        named = ", ".join(f"{_minutes(minutes)}{f' of {label}' if label else ''}" for label, minutes in short)
        found.append(
            f"Too little music: {named}; expected {LEAST_MINUTES:g} minutes or more"
            + (" of each label" if short[0][0] else "")
            + ". What is drawn will repeat these clips or sound broken. Add clips"
            + (", or leave labels out by --labels." if short[0][0] else ".")
        )
    elif report.values < report.weights:
        minutes = sum(report.minutes.values()) * report.weights / report.values
        found.append(
            f"Little music for this network: {report.weights / 1e6:,.1f} million weights can learn "
            f"{report.values / 1e6:,.1f} million picture values by heart. Expected {_minutes(minutes)} or more; add "
            "clips, or take a smaller network such as melgan-c-tiny."
        )
    most = max(report.minutes, key=lambda label: report.minutes[label])
    fewer = [label for label, minutes in report.minutes.items() if minutes < FEWER * report.minutes[most]]
    if fewer:
        found.append(
            f"Labels of very different size: {', '.join(fewer)} {'have' if len(fewer) > 1 else 'has'} less than a "
            f"third of the minutes of {most}. What is drawn of them will be worse; add clips of them."
        )
    return found


def _flaws(report: MusicReport) -> list[str]:
    found = []
    if report.padded >= MUCH_SILENCE:
        found.append(
            f"Clips are shorter than what the network takes at once: {_percent(report.padded)} of what it sees is "
            "silence that fills them up, which it will draw, too. Use longer clips, or a network such as melgan-c-tiny."
        )
    if report.silent >= MUCH_SILENCE or report.silent_clips:
        whole = f", and half or more of {_some(report.silent_clips)}" if report.silent_clips else ""
        found.append(
            f"Silence: {_percent(report.silent)} of the seconds to learn from{whole}. Silence is learnt like music: "
            "cut it off, or leave such clips out."
        )
    if len(report.clipped) >= MUCH_CLIPPED * report.listened and report.clipped:
        found.append(
            f"Clipped: {_some(report.clipped)}, by {LISTENED_S:g} s at the loudest of each of "
            f"{counted(report.listened, 'clip')}. Distortion is learnt like music: use other copies if there are any."
        )
    return found


def _twice(report: MusicReport) -> list[str]:
    parted = [twins for twins in report.twins if twins.parted]
    within = [twins for twins in report.twins if not twins.parted]
    found = []
    if parted:
        found.append(
            f"In training and in validation: {_pairs(parted)}. Validation then says less of new music; leave one of "
            "each out."
        )
    if within:
        found.append(
            f"The same recording twice: {_pairs(within)}. It weighs double and is sooner learnt by heart; leave one of "
            "each out."
        )
    return found


def _pairs(twins: Sequence[Twins]) -> str:
    return _some([f"{pair.one} = {pair.other}" for pair in twins])


def _some(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _minutes(minutes: float) -> str:
    if minutes >= 120:
        return f"{minutes / 60:,.1f} hours"
    return f"{minutes:.0f} minutes" if minutes >= 10 else f"{minutes:.1f} minutes"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share == 0 or share >= 0.01 else "under 1 %"
