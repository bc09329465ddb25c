"""Which settings of a training mean something to which network. Free of TensorFlow."""

from __future__ import annotations

from fstmuse.networks.catalogue import Entry

_CLASSIFYING = ("label_smoothing", "class_weights", "gain_db", "masks", "freq_mask", "time_mask", "mixup")
_GAPS = ("gap_least", "gap_most")
_PICTURES = (*_GAPS, "objective", "beta", "free_bits", "equalise_db", "pitch_semitones")
_VARIATIONAL = ("beta", "free_bits")
_NAMING = "label_weight"
"""The discriminators of reports name no labels."""

_OPPONENT = ("discriminator_rate", "discriminator_steps", "r1", "r1_every", _NAMING)
_ONE_NETWORK = ("optimizer", "weight_decay", "distribute")
"""What a GAN's step, which trains two, does without."""


def foreign(entry: Entry) -> tuple[str, ...]:
    """Settings that mean nothing to a network, and are refused unless they are the default's."""
    if entry.task in ("vocode", "generate"):
        of_others = _OPPONENT if entry.task == "vocode" else _ONE_NETWORK
        if entry.task == "generate" and "hinge" not in entry.objectives:
            of_others += (_NAMING,)
        return (*(name for name in _CLASSIFYING if name != "gain_db"), *_PICTURES, *of_others)
    if not entry.objectives:
        return _PICTURES + _OPPONENT
    unused = _OPPONENT if entry.task == "infill" else _GAPS + _OPPONENT
    return _CLASSIFYING + unused + (() if "elbo" in entry.objectives else _VARIATIONAL)
