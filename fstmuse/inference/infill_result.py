"""Clips whose gaps were filled. As light as results are for whoever only shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fstmuse.audio.dropouts import Dropout
from fstmuse.inference.made_sound import MadeSound, stretch

WIDE_S = 1.0


@dataclass(frozen=True, eq=False)
class Infilling(MadeSound):
    """A clip whose gaps are filled.

    Args:
        found: dropouts that were found, where they were looked for.
    """

    found: tuple[Dropout, ...] = ()

    @property
    def words(self) -> str:
        """How many gaps were filled."""
        return f"{len(self.gaps)} gaps filled" if len(self.gaps) != 1 else "1 gap filled"

    @property
    def summary(self) -> str:
        """How many gaps were filled, and how much of the clip they are."""
        gaps = "1 gap" if len(self.gaps) == 1 else f"{len(self.gaps):,} gaps"
        return f"{gaps}, {self.made_s:.3f} s of {self.duration_s:.2f} s, filled"

    @property
    def lines(self) -> list[str]:
        """What was found, and which gaps nobody can know the content of."""
        rate = self.sample_rate
        found = [f"found {d.start / rate:.3f} to {d.end / rate:.3f} s: {d.reason}{_where(d)}" for d in self.found]
        wide = [
            f"gap {start / rate:.3f} to {end / rate:.3f} s: wider than anybody can guess; a held texture fills it"
            for start, end in self.gaps
            if end - start > WIDE_S * rate
        ]
        return found + wide

    def told(self) -> dict[str, Any]:
        """The gaps, and which of them were found."""
        rate = self.sample_rate
        found = [
            {"start_s": d.start / rate, "end_s": d.end / rate, "reason": d.reason}
            | ({"channels": [channel + 1 for channel in d.channels]} if d.channels else {})
            for d in self.found
        ]
        return {"gaps": [stretch(self, start, end) for start, end in self.gaps], "found": found}


def _where(dropout: Dropout) -> str:
    """Which channels, counted from 1, where not all are damaged."""
    if not dropout.channels:
        return ""
    return f", in channel{'s' * (len(dropout.channels) > 1)} {', '.join(str(c + 1) for c in dropout.channels)} alone"
