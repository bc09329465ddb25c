"""Labels of too few groups to be split, and giving labels other names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from fstmuse.data.build_splits import Fractions, Member, rare_labels
from fstmuse.data.clip import LABEL_SEPARATOR, Clip
from fstmuse.data.wording import counted
from fstmuse.errors import ConfigError, ManifestError, nearest

NO_LABEL = ""
"""What clips without labels have in common, for the draw of splits."""

LEFT_OUT = "left out: "
"""How the reason begins of clips that are whole, but whose label is not wanted."""


class RareLabelsError(ManifestError):
    """Labels have fewer groups than there are splits.

    Args:
        message: what is wrong.
        remedies: flags of the command that mend it, the best first; empty: more music is needed.
    """

    def __init__(self, message: str, remedies: Sequence[str]) -> None:
        super().__init__(message)
        self.remedies = tuple(remedies)


def member(clip: Clip) -> Member:
    """The clip as the draw of splits sees it; clips without a label share one."""
    return Member(clip.labels or (NO_LABEL,), group_key(clip))


def group_key(clip: Clip) -> str:
    """What must stay in one split with the clip."""
    # A file is a group of its own where nothing else is known: its excerpts stay together.
    return clip.group or clip.path


def refuse_rare(clips: Sequence[Clip], fractions: Fractions) -> None:
    """Makes sure that each label of the clips can reach each split.

    Raises:
        RareLabelsError: a label has fewer groups than there are splits; says what would mend it.
    """
    rare = rare_labels([member(clip) for clip in clips], fractions)
    if not rare:
        return
    needed = len(fractions.wanted)
    if NO_LABEL in rare:
        raise RareLabelsError(
            f"Received {counted(rare[NO_LABEL], 'group')} (artists, folders or files that stay in one split); expected "
            f"at least {needed}, one for each of {', '.join(fractions.wanted)}. Add music.",
            (),
        )
    files = rare_labels([Member(clip.labels, clip.path) for clip in clips], fractions)
    remedies = []
    if {label for clip in clips for label in clip.labels} - rare.keys():
        remedies.append("--drop-rare")
    if not files:
        remedies.append("--group-by none")
    names = ", ".join(f"'{label}' {count}" for label, count in list(rare.items())[:8])
    more = f" and {len(rare) - 8} more labels" if len(rare) > 8 else ""
    ways = {
        "--drop-rare": "leave these labels out by --drop-rare",
        "--group-by none": "let each file be its own group by --group-by none (one artist may then be heard in "
        "training and in the test)",
    }
    mend = ["Add music", *(ways[remedy] for remedy in remedies), "or join labels by --merge 'OLD=NEW'"]
    raise RareLabelsError(
        f"Too few groups (artists, folders or files that stay in one split): {names}{more}; each label needs "
        f"{needed}, one for each of {', '.join(fractions.wanted)}. {', '.join(mend)}.",
        remedies,
    )


def drop_rare(clips: list[Clip], fractions: Fractions) -> list[Clip]:
    """Takes labels away that have too few groups; clips left without a label become bad.

    Raises:
        ManifestError: no label is left.
    """
    while True:
        # Where a clip has several labels, one label's end may leave another with fewer groups.
        rare = rare_labels([member(clip) for clip in clips if clip.status == "ok"], fractions)
        if not rare:
            break
        for index, clip in enumerate(clips):
            lost = [label for label in clip.labels if label in rare]
            if clip.status != "ok" or not lost:
                continue
            kept = tuple(label for label in clip.labels if label not in rare)
            if kept:
                clips[index] = replace(clip, labels=kept)
            else:
                groups = "1 group" if rare[lost[0]] == 1 else f"{rare[lost[0]]} groups"
                reason = f"{LEFT_OUT}label '{lost[0]}' has {groups}, fewer than {len(fractions.wanted)}"
                clips[index] = replace(clip, status="bad", reason=reason)
    if all(clip.status == "bad" for clip in clips):
        raise ManifestError(
            "After --drop-rare no label is left: each has too few groups. Add music or use --group-by none."
        )
    return clips


def parse_merges(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of an old and a new label from texts such as "Free Folk=Folk".

    Raises:
        ConfigError: a text is no such pair.
    """
    pairs = []
    for text in texts:
        old, sign, new = (part.strip() for part in text.partition("="))
        if not (old and sign and new) or LABEL_SEPARATOR in new:
            raise ConfigError(f"--merge '{text}' is no pair of labels. Write it as --merge 'Free Folk=Folk'.")
        pairs.append((old, new))
    return tuple(pairs)


def merge_labels(labels: Sequence[tuple[str, ...]], merges: Sequence[tuple[str, str]]) -> list[tuple[str, ...]]:
    """Gives labels other names, one merge after the other.

    Args:
        labels: of each clip.
        merges: pairs of an old and a new label.

    Returns:
        The labels of each clip, each once.

    Raises:
        ConfigError: no clip has an old label; names the nearest.
    """
    result = list(labels)
    for old, new in merges:
        known = {label for own in result for label in own}
        if old not in known:
            raise ConfigError(f"--merge '{old}={new}': no file has the label '{old}'. {nearest(old, known)}")
        result = [tuple(dict.fromkeys(new if label == old else label for label in own)) for own in result]
    return result
