"""What is measured of music from noise, and what may be asked. Free of TensorFlow."""

from __future__ import annotations

from fstmuse.errors import ConfigError

DRAWN, REAL, SHUFFLED, NOISE = "drawn", "real", "bands shuffled", "noise"
WAYS = (DRAWN, REAL, SHUFFLED, NOISE)
"""What is measured alike."""

HELD = "held"
"""The windows of the measured split, which all others are compared with."""

STATISTICS = "log-mel statistics"
"""The embedding that needs no classifier."""

LEAST = 16
"""Windows of each kind: with fewer, nothing can be said."""

MOST = 4096
"""Windows of each kind: some 5 GB of memory where they have 128 frames of 128 bands."""


def require_measurable(split: str, count: int | None) -> None:
    """Refuses what cannot be measured, before anything is loaded.

    Args:
        split: to measure on.
        count: windows of each kind; None: not said.

    Raises:
        ConfigError: `split` is what was learnt from, or `count` is less than `LEAST` or more than `MOST`.
    """
    if split == "train":
        raise ConfigError(
            "Received --split train; expected test or valid: what is drawn is compared with music that was not learnt "
            "from, and looked for in what was."
        )
    if count is not None and not LEAST <= count <= MOST:
        raise ConfigError(
            f"Received --count {count}; expected {LEAST} windows or more, for fewer say nothing, and at most {MOST}, "
            "which are kept in memory."
        )
