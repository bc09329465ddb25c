"""Lengths of time as people say them, and the command line's words in those of the window. Free of Qt."""

from __future__ import annotations

import re

_WINDOW = (
    (r"\n--drop-rare and --group-by are options of `train`, too; .*", ""),
    (r"leave these labels out by --drop-rare", "leave these labels out (below the folder: Too few of a label)"),
    (r"(let each file be its own group) by --group-by none", r"\1 (below the folder: Keep together)"),
    (r" or join labels by --merge 'OLD=NEW'", " or put the music of two labels into one folder"),
    (r"give the folder above it: --folders (.+); --id3 takes the labels from genre tags instead\.", r"choose \1."),
    (r"After --drop-rare no label is left", "No label is left"),
    (r"(use|build with) --group-by none", "let each file stand for itself (below the folder: Keep together)"),
    (r"replace it by --fresh|throw that one away by --fresh", "tick Begin anew, which throws that one away"),
    (r"leave the label out by --labels", "name the others under Only these labels"),
    (r"by --labels", "under Only these labels"),
    (r"another --name", "another name"),
    (r"another --out(, or --overwrite)?", "another name or folder"),
    (
        r"Mend them first: python -m fstmuse\.infill --plain CLIP --find\.",
        "Fill them first, on the page Fill gaps, and go on from the filled sound.",
    ),
    (
        r"Say where sound is missing, by a gap's start and end in seconds\.",
        "Drag over the spectrogram where sound is missing.",
    ),
    (r"Give them as gaps, too, or let gaps be found\.", "Mark them, too: Find dropouts finds them."),
)
"""What messages of commands say of their options, and what the window has instead."""


def of_the_window(text: str) -> str:
    """A message of a command with the window's controls in place of options.

    Args:
        text: the message.
    """
    for pattern, words in _WINDOW:
        text = re.sub(pattern, words, text, flags=re.DOTALL if pattern.startswith(r"\n") else 0)
    return text


def rough_time(seconds: float) -> tuple[str, int]:
    """A length of time, rounded as far as an estimate deserves.

    Args:
        seconds: 0 or more.

    Returns:
        Unit (`s`, `min`, `h`) and how many; below a minute and a half in steps of 5 s.
    """
    if seconds < 90:
        return "s", max(5, 5 * round(seconds / 5))
    if seconds < 5400:
        return "min", round(seconds / 60)
    return "h", round(seconds / 3600)
