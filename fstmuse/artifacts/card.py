"""The card of an artifact: all that is known of a trained network, in `card.json`. Free of TensorFlow."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fstmuse.artifacts.card_check import require_sound
from fstmuse.artifacts.leftovers import artifacts_in, put_back
from fstmuse.errors import ArtifactError, SpecError
from fstmuse.networks.catalogue import CATALOGUE
from fstmuse.spec import AudioSpec, MelSpec, from_dict

FORMAT = 1
CARD = "card.json"
NETWORK = "network.keras"
SAVED_MODEL = "saved_model"
_IDENTITY = "card"


@dataclass(frozen=True)
class Card:
    """What a trained network is, hears, was taught and is worth.

    Raises SpecError when a field is of the wrong kind or impossible.

    Args:
        name: of the artifact.
        network: its name in the catalogue.
        task: what it was trained for.
        labels: names of its outputs, in order, or of what a GAN draws; none where it gives pictures of one kind.
        audio: the window it hears at a time.
        mel: the picture of that window it sees; None where it hears the samples themselves.
        hop_seconds: from the start of one window to the next when it listens to longer sound, in s.
        training: the settings of its run.
        data: name, manifest hash, licence and numbers of clips of what it learnt from, and licence of the weights.
        metrics: by split, each with protocol and n.
        versions: of Python and packages that made it.
        created: date and time, ISO 8601, UTC.
        checksums: SHA-256 of its files, by path within the artifact, and of the card's own `identity`.
        format: version of this layout.
    """

    name: str
    network: str
    task: str
    labels: tuple[str, ...]
    audio: AudioSpec
    mel: MelSpec | None
    hop_seconds: float
    training: dict[str, Any] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    created: str = ""
    checksums: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    def __post_init__(self) -> None:
        require_sound(self)

    @property
    def hop_samples(self) -> int:
        """Samples between the starts of two windows, 1 to those of a window."""
        return round(self.hop_seconds * self.audio.sample_rate)

    @property
    def in_turn(self) -> bool:
        """Whether the network draws music element by element: it takes a temperature and a prime, no noise."""
        return self.network in CATALOGUE and CATALOGUE[self.network].in_turn

    @property
    def signature(self) -> str:
        """Name and the beginning of the network's checksum: tells networks apart that were trained under one name."""
        return f"{self.name} {self.checksums.get(NETWORK, '')[:12]}".strip()

    @property
    def identity(self) -> str:
        """SHA-256 (hex) of what the network is and hears; name, metrics and remarks may change.

        A field that is added to a spec changes it: such a change raises `FORMAT`.
        """
        fields = dataclasses.asdict(self)
        kept = {name: fields[name] for name in ("network", "task", "labels", "audio", "mel", "hop_seconds")}
        return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def read_card(artifact: Path) -> Card:
    """The card of the artifact in a folder.

    Raises:
        ArtifactError: there is no artifact, or its card is damaged or of a newer format.
    """
    file = artifact / CARD
    put_back(artifact)
    try:
        fields = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ArtifactError(f"{artifact} holds no artifact: no {CARD} there. {_advice(artifact)}") from None
    except NotADirectoryError:
        raise ArtifactError(f"{artifact} is a file; expected the folder of an artifact, with {CARD} in it.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactError(f"{file} cannot be read: {error}. Train or copy the artifact again.") from None
    if not isinstance(fields, dict) or fields.get("format") != FORMAT:
        received = fields.get("format") if isinstance(fields, dict) else type(fields).__name__
        raise ArtifactError(f"{file}: format {received!r}, expected {FORMAT}. It was written by another FstMuse.")
    try:
        fields["audio"] = from_dict(AudioSpec, fields["audio"])
        fields["mel"] = None if fields["mel"] is None else from_dict(MelSpec, fields["mel"])
        if isinstance(fields["labels"], list):
            fields["labels"] = tuple(fields["labels"])
        return Card(**fields)
    except (TypeError, KeyError, OverflowError, SpecError) as error:
        raise ArtifactError(f"{file} is damaged: {str(error).rstrip('.')}. Train or copy the artifact again.") from None


def write_card(card: Card, artifact: Path) -> None:
    """Writes `card.json` whole or not at all."""
    part = artifact / f".{CARD}.part"
    part.write_text(json.dumps(dataclasses.asdict(card), indent=2, ensure_ascii=False) + "\n", "utf-8")
    part.replace(artifact / CARD)


def sealed(card: Card, artifact: Path) -> Card:
    """The card with the checksums of the artifact's files and of itself, as `verify` wants them."""
    return dataclasses.replace(card, checksums=checksums(artifact) | {_IDENTITY: card.identity})


def checksums(artifact: Path) -> dict[str, str]:
    """SHA-256 (hex) of the network's files, by path within the artifact."""
    files = [artifact / NETWORK, *sorted((artifact / SAVED_MODEL).rglob("*"))]
    return {file.relative_to(artifact).as_posix(): _sha256(file) for file in files if file.is_file()}


def verify(card: Card, artifact: Path) -> None:
    """Compares the artifact's files and the card itself with what the card says.

    This tells of accidents; who changes an artifact on purpose can change the checksums, too.

    Raises:
        ArtifactError: a file is missing, added or changed, or the card was edited.
    """
    if card.checksums.get(_IDENTITY) != card.identity:
        raise ArtifactError(
            f"{artifact / CARD} was edited: labels, audio, mel, hop_seconds, network or task are not those that the "
            "network was saved with. Undo the edit, or train or copy the artifact again."
        )
    found = checksums(artifact) | {_IDENTITY: card.identity}
    if found == card.checksums:
        return
    changed = sorted(
        name for name in found.keys() | card.checksums.keys() if found.get(name) != card.checksums.get(name)
    )
    raise ArtifactError(
        f"{artifact}: {', '.join(changed[:3])} is not what {CARD} says (changed, missing or added since). "
        "Train or copy the artifact again."
    )


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _advice(artifact: Path) -> str:
    folder = artifact.parent if artifact.parent.is_dir() else Path()
    known = artifacts_in(folder, CARD)
    return f"Artifacts in {folder}: {', '.join(known) or 'none; train one by python -m fstmuse.train'}."
