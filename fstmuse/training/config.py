"""What a training run is asked to do: dataclass defaults < preset of the network < flags."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from fstmuse.errors import ConfigError, nearest
from fstmuse.networks.catalogue import find

SCHEDULES = ("cosine", "constant")
DISTRIBUTIONS = ("none", "mirrored")


@dataclass(frozen=True)
class TrainConfig:
    """The settings of one run; `config.toml` in the run's folder holds them all.

    Args:
        network: name in the catalogue.
        data: name of a data set, or path of a manifest.
        root: folder under which the manifest's paths lie; empty for the data set's own place.
        labels: those to learn; empty for all of the manifest's.
        epochs: passes over the training split.
        batch_size: windows in a step.
        crops_per_clip: windows drawn from each clip an epoch.
        clip_seconds: how much of each clip is read, in s; 0 takes the data set's own length.
        learning_rate: its peak.
        schedule: `cosine` (warm-up of `warmup_epochs`, then down to 1 % of the peak) or `constant`.
        warmup_epochs: of the cosine schedule.
        weight_decay: decoupled, as in AdamW; 0 is plain Adam.
        label_smoothing: share of the target spread over all labels.
        class_weights: weigh clips by the inverse of their label's frequency.
        gain_db, masks, freq_mask, time_mask, mixup: see `features.augment.Augmentation`.
        patience: epochs without a better validation loss after which training stops; 0 never stops.
        mixed_precision: compute in half precision (float16 on GPUs, bfloat16 on CPUs).
        jit_compile: compile steps with XLA.
        deterministic: the same seed gives the same history on one machine.
        seed: of weights, crops and augmentation.
        distribute: `none`, or `mirrored` over all devices of this machine.
        workers: processes that decode clips.
    """

    network: str = "toymodel-pooled"
    data: str = "demo"
    root: str = ""
    labels: tuple[str, ...] = ()
    epochs: int = 30
    batch_size: int = 16
    crops_per_clip: int = 1
    clip_seconds: float = 0.0
    learning_rate: float = 1e-3
    schedule: str = "cosine"
    warmup_epochs: int = 1
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    class_weights: bool = False
    gain_db: float = 0.0
    masks: int = 0
    freq_mask: int = 0
    time_mask: int = 0
    mixup: float = 0.0
    patience: int = 0
    mixed_precision: bool = False
    jit_compile: bool = False
    deterministic: bool = True
    seed: int = 0
    distribute: str = "none"
    workers: int = 2

    def __post_init__(self) -> None:
        find(self.network)
        for name in ("epochs", "batch_size", "crops_per_clip"):
            _require(getattr(self, name) >= 1, name, getattr(self, name), "1 or more")
        for name in ("clip_seconds", "warmup_epochs", "weight_decay", "gain_db", "masks", "freq_mask", "time_mask"):
            _require(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")
        for name in ("mixup", "patience", "seed", "workers"):
            _require(getattr(self, name) >= 0, name, getattr(self, name), "0 or more")
        _require(self.learning_rate > 0, "learning_rate", self.learning_rate, "more than 0")
        _require(0 <= self.label_smoothing < 1, "label_smoothing", self.label_smoothing, "0 to less than 1")
        _require(self.schedule in SCHEDULES, "schedule", self.schedule, f"one of {', '.join(SCHEDULES)}")
        _require(self.distribute in DISTRIBUTIONS, "distribute", self.distribute, f"one of {', '.join(DISTRIBUTIONS)}")


_TYPES = {field.name: type(field.default) for field in dataclasses.fields(TrainConfig)}


def resolve(network: str, settings: dict[str, Any], file: Path | None = None) -> TrainConfig:
    """The configuration of a run.

    Args:
        network: name in the catalogue.
        settings: what the flags say; wins over everything.
        file: a TOML of settings that wins over the network's preset.

    Raises:
        ConfigError: a key is unknown, a value impossible, or the file unreadable.
    """
    find(network)
    preset = resources.files("fstmuse.training.presets").joinpath(f"{network}.toml")
    merged = _checked(tomllib.loads(preset.read_text("utf-8")), f"preset {network}")
    if file is not None:
        merged |= _checked(read_toml(file), str(file))
    merged |= _checked(settings, "the command line")
    return TrainConfig(**(merged | {"network": network}))


def read_toml(file: Path) -> dict[str, Any]:
    """The settings of a TOML file.

    Raises:
        ConfigError: it cannot be read or is not TOML.
    """
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}. Give the path of a TOML file of settings.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}.") from None


def parse_setting(text: str) -> dict[str, Any]:
    """`key=value` of the command line as a setting; values are TOML, bare words are strings.

    Raises:
        ConfigError: there is no `=`, or the key is unknown.
    """
    key, equals, value = text.partition("=")
    if not equals:
        raise ConfigError(f"Received --set {text}; expected KEY=VALUE, such as --set epochs=20.")
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value
    return {key.strip().replace("-", "_"): parsed}


def to_toml(config: TrainConfig) -> str:
    """The configuration as TOML, each value in JSON's spelling, which TOML shares for these types."""
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in dataclasses.asdict(config).items())


def _checked(settings: dict[str, Any], where: str) -> dict[str, Any]:
    return {key: _typed(key, value, where) for key, value in settings.items()}


def _typed(key: str, value: Any, where: str) -> Any:
    if key not in _TYPES:
        raise ConfigError(f"Unknown setting '{key}' in {where}. {nearest(key, _TYPES)}")
    kind = _TYPES[key]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is tuple and isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if isinstance(value, bool) != (kind is bool) or not isinstance(value, kind):
        raise ConfigError(f"Setting '{key}' in {where}: received {value!r}; expected {_KINDS[kind]}.")
    return value


_KINDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "text",
    tuple: 'a list of texts, such as ["Folk", "Rock"]',
}


def _require(holds: bool, name: str, received: Any, expected: str) -> None:
    if not holds:
        raise ConfigError(f"Setting '{name}': received {received}; expected {expected}.")
