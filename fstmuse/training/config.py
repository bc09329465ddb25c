"""What a training run is asked to do: dataclass defaults < preset of the network < flags."""

from __future__ import annotations

import dataclasses
import inspect
import json
import tomllib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from fstmuse.errors import ConfigError, nearest
from fstmuse.networks.catalogue import Entry, find
from fstmuse.training.ranges import RANGES
from fstmuse.training.relevance import foreign

SCHEDULES = ("cosine", "constant")
OPTIMIZERS = ("adam", "muon")
DISTRIBUTIONS = ("none", "mirrored")
GROUPINGS = ("artist", "album", "folder", "none")
"""What of a folder of music stays in one split; as `fstmuse.data.build.GROUP_BY`, which is not light to import."""


@dataclass(frozen=True)
class TrainConfig:
    """The settings of one run; `config.toml` in the run's folder holds them all.

    Args:
        network: name in the catalogue.
        data: name of a data set, path of a manifest, or a folder with one folder per label.
        root: folder under which the manifest's paths lie; empty for the data set's own place.
        labels: labels to learn; empty for all of the manifest's.
        group_by: of a folder of music, what is kept together in one split: `artist`, `album`, `folder` or `none`.
        drop_rare: of a folder of music, leave out labels of too few groups instead of refusing it.
        epochs: passes over the training clips.
        batch_size: windows in a step.
        crops_per_clip: windows drawn from each clip an epoch.
        clip_seconds: how much of each clip is read, in s; 0 takes the data set's own length.
        optimizer: `adam`, or `muon` (orthogonal steps for matrices; Adam at a tenth of the rate for all else).
        learning_rate: peak of the learning rate; of a GAN, that of its generator.
        schedule: `cosine` (warm-up of `warmup_epochs`, then down to 1 % of the peak) or `constant`.
        warmup_epochs: epochs of the cosine schedule's warm-up.
        weight_decay: decoupled, as in AdamW; 0 is plain Adam.
        label_smoothing: share of the target spread over all labels.
        class_weights: weigh clips by the inverse of their label's frequency; where each has one label.
        gain_db: training pictures, or sounds, are made louder or softer by up to this much, in dB.
        masks: frequency masks and time masks hidden in each training picture.
        freq_mask: mel bands that one mask hides at most.
        time_mask: frames that one mask hides at most.
        mixup: alpha of mixup's beta distribution; 0 mixes nothing.
        gap_least: narrowest gap to learn to fill, in frames.
        gap_most: widest gap to learn to fill, in frames.
        objective: what a network of pictures is trained for (see its `objectives`); empty for its own.
        beta: weight of the KL divergence of a variational autoencoder.
        free_bits: nats of each dimension of its code that cost nothing.
        equalise_db: a smooth random curve over the bands, of this standard deviation in dB, is laid on each picture.
        pitch_semitones: clips are also read shifted by each of these many semitones, faster or slower.
        discriminator_rate: peak of the learning rate of a GAN's discriminator.
        discriminator_steps: of a GAN's discriminator, in one step of its generator.
        r1: weight of the penalty on the gradients of a GAN's discriminator at real pictures; 0 has none.
        r1_every: steps of a GAN's discriminator from one such penalty to the next, which weighs as much more.
        label_weight: of how well a GAN's discriminator names labels, in the losses of both networks.
        tier: train this tier alone, of a network that draws in several, counted from 1; 0 trains all, one after the
            other.
        components: normal distributions in the mixture that an element is drawn from, of a network that draws in turn.
        one_pass: all tiers but the first draw their elements at once, each for itself: faster, and less exact.
        input_noise: the first tier of a network that draws in turn learns from pictures with noise of up to this
            deviation (their own is a third): so it heeds its label, and forgives what it has drawn amiss.
        remat: compute what happens within recurrent layers again for the gradients instead of keeping it: slower, in
            less memory.
        clip_norm: gradients that are longer than this, all weights together, are shortened to it; 0 shortens none.
        ema: momentum of the weights' moving average (of a GAN, its generator's), which is validated and kept; 0 keeps
            the weights themselves.
        patience: epochs without a better validation loss after which training stops; 0 never stops.
        mixed_precision: compute in half precision (float16 on GPUs; bfloat16 on CPUs, and of a GAN).
        jit_compile: compile steps with XLA.
        deterministic: the same seed gives the same history on one machine.
        seed: random seed of weights, crops and augmentation.
        distribute: `none`, or `mirrored` over all devices of this machine.
        workers: processes that decode clips; 0 decodes in the main one.
    """

    network: str = "toymodel-pooled"
    data: str = "demo"
    root: str = ""
    labels: tuple[str, ...] = ()
    group_by: str = "artist"
    drop_rare: bool = False
    epochs: int = 30
    batch_size: int = 16
    crops_per_clip: int = 1
    clip_seconds: float = 0.0
    optimizer: str = "adam"
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
    gap_least: int = 1
    gap_most: int = 40
    objective: str = ""
    beta: float = 1.0
    free_bits: float = 0.0
    equalise_db: float = 0.0
    pitch_semitones: tuple[float, ...] = ()
    discriminator_rate: float = 1e-4
    discriminator_steps: int = 1
    r1: float = 0.0
    r1_every: int = 16
    label_weight: float = 0.0
    tier: int = 0
    components: int = 10
    one_pass: bool = False
    input_noise: float = 0.0
    remat: bool = False
    clip_norm: float = 0.0
    ema: float = 0.0
    patience: int = 0
    mixed_precision: bool = False
    jit_compile: bool = False
    deterministic: bool = True
    seed: int = 0
    distribute: str = "none"
    workers: int = 2

    def __post_init__(self) -> None:
        entry = find(self.network)
        # A network that hears sound has no use for masks, which `foreign` says.
        frames, bands = (0, 0) if entry.hears_sound else entry.input_shape
        object.__setattr__(self, "pitch_semitones", tuple(self.pitch_semitones))  # TOML has lists alone
        for name, (low, high) in RANGES.items():
            _require(low <= getattr(self, name) <= high, name, getattr(self, name), f"{low:,} to {high:,}")
        for name in foreign(entry):
            _require(getattr(self, name) == _DEFAULTS[name], name, getattr(self, name), _unused(name, entry))
        _require(self.freq_mask <= bands, "freq_mask", self.freq_mask, f"at most the picture's {bands} bands")
        _require(self.time_mask <= frames, "time_mask", self.time_mask, f"at most the picture's {frames} frames")
        _require(
            all(0 < abs(shift) <= 12 for shift in self.pitch_semitones),
            "pitch_semitones",
            self.pitch_semitones,
            _SHIFTS,
        )
        _require(
            len(set(self.pitch_semitones)) == len(self.pitch_semitones),
            "pitch_semitones",
            self.pitch_semitones,
            _SHIFTS,
        )
        _require(self.gap_least <= self.gap_most, "gap_least", self.gap_least, f"at most gap_most, {self.gap_most}")
        if entry.objectives:
            known = ", ".join(entry.objectives)
            _require(self.objective in ("", *entry.objectives), "objective", self.objective, f"one of {known}")
            most = f"less than the picture's {frames} frames"
            _require(self.gap_most < frames or entry.task != "infill", "gap_most", self.gap_most, most)
        _require(self.tier <= entry.tiers, "tier", self.tier, f"0 to {entry.tiers}, the tiers of {entry.name}")
        _require(len(set(self.labels)) == len(self.labels), "labels", ", ".join(self.labels), "each label once")
        _require(self.group_by in GROUPINGS, "group_by", self.group_by, f"one of {', '.join(GROUPINGS)}")
        _require(self.optimizer in OPTIMIZERS, "optimizer", self.optimizer, f"one of {', '.join(OPTIMIZERS)}")
        _require(self.schedule in SCHEDULES, "schedule", self.schedule, f"one of {', '.join(SCHEDULES)}")
        _require(self.distribute in DISTRIBUTIONS, "distribute", self.distribute, f"one of {', '.join(DISTRIBUTIONS)}")

    @property
    def all_epochs(self) -> int:
        """Passes over the training clips of all tiers together."""
        return find(self.network).tiers * self.epochs


_SHIFTS = "different shifts of up to 12 semitones, none of them 0"

_DEFAULTS = {field.name: field.default for field in dataclasses.fields(TrainConfig)}
_TYPES = {name: type(default) for name, default in _DEFAULTS.items()}


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
    if merged.get("network", network) != network:
        raise ConfigError(f"Received settings of the network '{merged['network']}' for '{network}'. Name one of them.")
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


def meanings() -> dict[str, str]:
    """What each setting does, by name, as `TrainConfig` documents it."""
    text = inspect.cleandoc(TrainConfig.__doc__ or "").split("Args:\n", 1)[1]
    found: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("    ") and not line.startswith("     "):
            name, _, meaning = line.strip().partition(": ")
            found[name] = meaning
        else:
            found[name] += " " + line.strip()
    return found


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
    if key == "pitch_semitones":
        if isinstance(value, list | tuple) and all(type(item) in (int, float) for item in value):
            return tuple(map(float, value))
        raise ConfigError(f"Setting '{key}' in {where}: received {value!r}; expected numbers, such as [-1, 1].")
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


def _unused(name: str, entry: Entry) -> str:
    return f"{json.dumps(_DEFAULTS[name])}: {entry.name} has no use for it"


def _require(holds: bool, name: str, received: Any, expected: str) -> None:
    if not holds:
        raise ConfigError(f"Setting '{name}': received {received}; expected {expected}.")
