"""What `--search` tries, by task: settings, and how far from the preset's values. Free of TensorFlow.

Ranges are relative to the preset (or to what a `--config` file says), so that every network begins from what is known
of it. A setting whose preset is 0 is not searched: a network that does without weight decay or mixup is to stay as it
is. Left out is whatever changes what a validation figure measures (label_smoothing, beta, free_bits, gaps), since
values of it would be told apart by that change alone, and what changes the work of an epoch (crops_per_clip). Dropout
is a part of the networks and no setting.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from fstmuse.errors import ConfigError
from fstmuse.networks.catalogue import find
from fstmuse.networks.entry import LIKELIHOOD
from fstmuse.training.config import TrainConfig
from fstmuse.training.ranges import RANGES


@dataclass(frozen=True)
class Searched:
    """A setting, and how far from its preset it is searched.

    Args:
        setting: its name.
        times: least and most of the preset's value; or, of a whole number, all values tried.
        how: `log`, evenly by ratio; `linear`; or `choice`, of `times` alone.
        of: another setting, to which the ratio is kept and searched instead of the value.
    """

    setting: str
    times: tuple[float, ...]
    how: str = "log"
    of: str = ""


_RATE = Searched("learning_rate", (0.1, 10))
_BATCH = Searched("batch_size", (0.5, 1, 2), "choice")
_DECAY = Searched("weight_decay", (0.1, 10))

_LABELLING = (_RATE, _BATCH, _DECAY, Searched("mixup", (0, 2), "linear"))

SPACES = {
    "classify": _LABELLING,
    "tag": _LABELLING,
    "infill": (_RATE, _BATCH, _DECAY),
    "continue": (_RATE, _BATCH, _DECAY),
    "vocode": (_RATE, _BATCH, _DECAY),
    "generate": (
        _RATE,
        Searched("discriminator_rate", (0.25, 4), of="learning_rate"),
        Searched("r1", (0.1, 10)),
        _BATCH,
    ),
    LIKELIHOOD: (_RATE, _BATCH),
}
"""By task, the most important first; of networks that draw in turn by their objective."""


@dataclass(frozen=True)
class Axis:
    """One dimension of the search of a network.

    Args:
        name: of the axis: the setting's, or that of a ratio.
        setting: what it sets.
        values: least and most, both included; or all, where `how` is `choice`.
        how: as `Searched.how`.
        start: where the preset lies.
        of: as `Searched.of`.
    """

    name: str
    setting: str
    values: tuple[float, ...]
    how: str
    start: float
    of: str = ""


def axes(config: TrainConfig, fixed: Collection[str]) -> tuple[Axis, ...]:
    """The dimensions of the search around `config`.

    Args:
        config: preset and whatever wins over it.
        fixed: settings that the user gave, which stay as they are.

    Raises:
        ConfigError: nothing is left to search.
    """
    entry = find(config.network)
    known = SPACES[LIKELIHOOD if entry.in_turn else entry.task]
    found = tuple(_axis(one, config) for one in known if one.setting not in fixed and getattr(config, one.setting))
    if not found:
        names = ", ".join(one.setting for one in known if getattr(config, one.setting))
        raise ConfigError(
            f"Received {names}: nothing is left to search for {config.network}. Leave one of them out, or leave "
            "--search out."
        )
    return found


def settings(found: tuple[Axis, ...], point: Mapping[str, float], config: TrainConfig) -> dict[str, Any]:
    """The settings that a point of the search stands for, of three digits each.

    Args:
        found: the dimensions.
        point: a value for each, by the axis' name.
        config: what stays as it is.
    """
    chosen: dict[str, Any] = {}
    for axis in sorted(found, key=lambda axis: bool(axis.of)):  # ratios to what is chosen, too, come last
        if axis.how == "choice":
            chosen[axis.setting] = int(point[axis.name])
            continue
        times = chosen.get(axis.of, getattr(config, axis.of)) if axis.of else 1.0
        low, high = RANGES[axis.setting]
        chosen[axis.setting] = min(max(float(f"{point[axis.name] * times:.3g}"), low), high)
    return chosen


def _axis(one: Searched, config: TrainConfig) -> Axis:
    start = getattr(config, one.setting)
    if one.how == "choice":
        low, high = RANGES[one.setting]
        values = sorted({int(min(max(round(start * times), low), high)) for times in one.times})
        return Axis(one.setting, one.setting, tuple(values), one.how, start)
    if one.of:
        start /= getattr(config, one.of)
        return Axis(f"{one.setting}/{one.of}", one.setting, _times(start, one), one.how, start, one.of)
    return Axis(one.setting, one.setting, _within(_times(start, one), one.setting), one.how, start)


def _times(start: float, one: Searched) -> tuple[float, ...]:
    return tuple(start * times for times in one.times)


def _within(values: tuple[float, ...], setting: str) -> tuple[float, ...]:
    low, high = RANGES[setting]
    return tuple(min(max(value, low), high) for value in values)
