"""Clips that go on beyond their end. As light as results are for whoever only shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fstmuse.inference.made_sound import MadeSound, stretch


@dataclass(frozen=True, eq=False)
class Continuation(MadeSound):
    """A clip that goes on: `gaps` is one, from where the clip ended to where it ends now."""

    @property
    def ended_s(self) -> float:
        """Where the clip ended, in s."""
        return self.gaps_s[0][0]

    @property
    def words(self) -> str:
        """How much was made."""
        return f"last {self.made_s:.2f} s made"

    @property
    def summary(self) -> str:
        """From where to where it goes on."""
        return f"goes on from {self.ended_s:.2f} to {self.duration_s:.2f} s,"

    def told(self) -> dict[str, Any]:
        """What was made."""
        return {"made": stretch(self, *self.gaps[0])}
