"""Which settings of a training mean something to which network. Free of TensorFlow."""

from __future__ import annotations

from fstmuse.networks.catalogue import Entry

_CLASSIFYING = ("label_smoothing", "class_weights", "gain_db", "masks", "freq_mask", "time_mask", "mixup")
_MASKS = ("masks", "freq_mask", "time_mask")
"""Of pictures."""

_ONE_LABEL = ("class_weights",)
"""A clip with several labels has no one weight."""

_GAPS = ("gap_least", "gap_most")
_PICTURES = (*_GAPS, "objective", "beta", "free_bits", "equalise_db", "pitch_semitones")
_VARIATIONAL = ("beta", "free_bits")
_NAMING = "label_weight"
"""The discriminators of reports name no labels."""

_OPPONENT = ("discriminator_rate", "discriminator_steps", "r1", "r1_every", _NAMING)
_ONE_NETWORK = ("optimizer", "weight_decay", "clip_norm", "distribute")
"""What a GAN's step, which trains two, does without."""

_IN_TURN = ("tier", "components", "one_pass", "input_noise", "remat")
"""Of networks that draw element by element."""


def foreign(entry: Entry) -> tuple[str, ...]:
    """Settings that mean nothing to a network, and are refused unless they are the default's."""
    if entry.in_turn:
        return _CLASSIFYING + _PICTURES + _OPPONENT
    return _IN_TURN + _of_others(entry)


def _of_others(entry: Entry) -> tuple[str, ...]:
    if entry.task in ("vocode", "generate"):
        of_others = _OPPONENT if entry.task == "vocode" else _ONE_NETWORK
        if entry.task == "generate" and "hinge" not in entry.objectives:
            of_others += (_NAMING,)
        return (*(name for name in _CLASSIFYING if name != "gain_db"), *_PICTURES, *of_others)
    if not entry.objectives:
        unused = (_MASKS if entry.hears_sound else ()) + (_ONE_LABEL if entry.task == "tag" else ())
        return unused + _PICTURES + _OPPONENT
    unused = _OPPONENT if entry.task == "infill" else _GAPS + _OPPONENT
    return _CLASSIFYING + unused + (() if "elbo" in entry.objectives else _VARIATIONAL)
