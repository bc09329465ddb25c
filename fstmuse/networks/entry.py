"""What the catalogue knows of one network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fstmuse.spec import AudioSpec, MelSpec, as_dict, input_shape

FSTMUSE_REPORT = "FstMuse report (Rodriguez and Rahman, 2023)"
FSTMUSE_MEL = MelSpec(22050, 2048, 512, 128, 0.0, 8000.0, scale="tfio", power=1.0, log="none", max_frames=1291)
FSTMUSE_AUDIO = AudioSpec(22050, 30.0, pad="zero")
"""What the report's genre networks and its GAN share."""

LABELLING = ("classify", "tag")
"""Tasks whose networks give a probability for each label: of one label that is right, or of each by itself."""

LIKELIHOOD = "nll"
"""The objective of networks that draw in turn."""


@dataclass(frozen=True)
class Entry:
    """One network of the catalogue.

    Args:
        name: as typed after `python -m fstmuse.train`.
        task: what it is trained for: classify, tag, infill, continue, vocode or generate.
        audio: the window that it hears at a time.
        mel: the picture of that window that it sees; None where it hears the samples themselves.
        counted_outputs: number of labels for which the two counts are stated; 0 for networks without labels.
        parameters: all weights, batch normalisation's moving statistics included; of a GAN, of both networks.
        trainable: the weights that training changes; what most papers count.
        source: report or paper it comes from.
        summary: what sets it apart, in one line.
        objectives: of networks that give pictures: what they can be trained for, their own first.
        bound: whether it takes or draws pictures of one length alone.
        tiers: networks that are trained one after the other and draw a picture together.
    """

    name: str
    task: str
    audio: AudioSpec
    mel: MelSpec | None
    counted_outputs: int
    parameters: int
    trainable: int
    source: str
    summary: str
    objectives: tuple[str, ...] = ()
    bound: bool = False
    tiers: int = 1

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Frames and mel bands of one window's picture, or the window's samples."""
        return input_shape(self.audio, self.mel)

    @property
    def hears_sound(self) -> bool:
        """Whether it takes the samples themselves instead of a picture."""
        return self.mel is None

    @property
    def in_turn(self) -> bool:
        """Whether it draws a picture element by element, each given those before, and learns by their likelihood."""
        return LIKELIHOOD in self.objectives

    def as_dict(self) -> dict[str, Any]:
        """The entry as plain values, for `--list --json`."""
        fields = {key: value for key, value in vars(self).items() if key not in ("audio", "mel")}
        return fields | {
            "audio": as_dict(self.audio),
            "mel": None if self.mel is None else as_dict(self.mel),
            "input_shape": list(self.input_shape),
            "objectives": list(self.objectives),
        }
