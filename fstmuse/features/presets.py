"""The mel spectrograms that this project's networks of sound share, by name. Free of TensorFlow."""

from __future__ import annotations

from fstmuse.spec import MelSpec

REPORT = MelSpec(22050, 1024, 512, 64, 0.0, 8000.0)
"""As in the student reports: 64 bands up to 8 kHz."""

HIFI = MelSpec(22050, 2048, 512, 128, 0.0, 11025.0)
"""128 bands over the whole spectrum: what can be turned back into sound that deserves the name."""

PRESETS = {"report": REPORT, "hifi": HIFI}
"""The specs by the names that commands take."""


def usual_mel(sample_rate: int) -> MelSpec:
    """What sound is shown as where no network says: 128 bands up to half the sample rate, in Hz."""
    return MelSpec(sample_rate, 2048, 512, 128, 0.0, sample_rate / 2)
