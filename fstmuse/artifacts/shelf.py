"""A folder of artifacts as people look at it: what is there, what it is worth, what cannot be used. TensorFlow-free."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fstmuse.artifacts.card import CARD, Card, read_card
from fstmuse.artifacts.leftovers import discard, put_back_all
from fstmuse.artifacts.worth import Score, figures, headline, protocols
from fstmuse.errors import ArtifactError

_UNITS = ("kB", "MB", "GB", "TB")


@dataclass(frozen=True)
class Model:
    """An artifact in a folder of models.

    Args:
        path: of its folder, absolute.
        name: of its folder, by which commands find it.
        card: None when it cannot be read.
        size_bytes: of all files in it.
        reason: why it cannot be used; empty when nothing speaks against it.
    """

    path: str
    name: str
    card: Card | None = field(hash=False)
    size_bytes: int
    reason: str = ""

    @property
    def score(self) -> Score | None:
        """The figure that it is known by; None without a card or when it was never evaluated."""
        return headline(self.card) if self.card else None


def scan(folder: Path | str) -> list[Model]:
    """The artifacts in a folder, by name.

    Cards are read, checksums are not compared: that takes seconds for large networks and is done on loading. What
    other processes are writing is not listed.

    Args:
        folder: of models; one that is missing holds none.

    Returns:
        All folders with a card; those whose card cannot be read have a reason and no card.
    """
    folder = Path(os.path.abspath(Path(folder).expanduser()))  # noqa: PTH100 - links stay as they were given
    put_back_all(folder)
    try:
        found = sorted(folder.iterdir(), key=lambda path: (path.name.casefold(), path.name))
    except OSError:
        return []
    models = [look(path) for path in found if not path.name.startswith(".") and _holds_card(path)]
    # One that another process replaces or deletes in this moment is looked at again when it has done so.
    return [model for model in models if model.card or _holds_card(Path(model.path))]


def look(artifact: Path | str) -> Model:
    """What is known of one artifact.

    Args:
        artifact: its folder.

    Returns:
        With a reason and without a card when that cannot be read.
    """
    path = Path(os.path.abspath(artifact))  # noqa: PTH100 - a link's own name is the artifact's name
    try:
        card, reason = read_card(path), ""
    except ArtifactError as error:
        card, reason = None, str(error)
    return Model(str(path), path.name, card, size_of(path), reason)


def serving(models: Iterable[Model], tasks: Collection[str]) -> list[Model]:
    """Those of some models that can be used for one of some tasks, in their order.

    Args:
        models: to choose from.
        tasks: what a card's `task` may be.
    """
    return [model for model in models if model.card and not model.reason and model.card.task in tasks]


def delete(model: Model) -> None:
    """Removes a model from the disk, for good.

    Args:
        model: as `scan` found it.

    Raises:
        ArtifactError: there is no artifact any more, another process is writing it, or it cannot be removed.
    """
    path = Path(model.path)
    if not _holds_card(path):
        raise ArtifactError(f"{path} holds no artifact: no {CARD} there. Nothing was deleted; look at the folder.")
    try:
        discard(path)
    except OSError as error:
        raise ArtifactError(
            f"{path} cannot be deleted: {error.filename or path}: {error.strerror or error}. "
            "Close what uses it, or see to the folder's permissions."
        ) from error


def describe(model: Model) -> list[tuple[str, str]]:
    """All that people want to know of a model.

    Returns:
        Pairs of what and its text, in the order of their worth. A model that cannot be used begins with the reason.
    """
    rows = [("Cannot be used", model.reason)] if model.reason else []
    if model.card:
        rows += _of_card(model.card, model.name)
    rows.append(("Size", size_text(model.size_bytes)))
    if model.card:
        made = model.card.created.replace("T", " ").replace("+00:00", " UTC")
        by = ", ".join(f"{name} {version}" for name, version in model.card.versions.items())
        rows += [(what, text) for what, text in (("Made", made), ("Made with", by)) if text]
    return [*rows, ("Folder", model.path)]


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder; what may not be read counts nothing."""
    size = 0
    for root, _, files in os.walk(folder):
        for name in files:
            try:
                size += os.lstat(os.path.join(root, name)).st_size  # noqa: PTH118 - Path costs more than the call
            except OSError:
                continue
    return size


def size_text(size_bytes: int) -> str:
    """A size as file managers write it: 812 bytes, 494 kB, 1.1 MB."""
    if size_bytes < 1000:
        return f"{size_bytes} byte{'' if size_bytes == 1 else 's'}"
    size = float(size_bytes)
    for unit in _UNITS:
        size /= 1000
        if size < 999.5 or unit == _UNITS[-1]:
            break
    return f"{size:.1f} {unit}" if size < 9.95 else f"{size:,.0f} {unit}"


def _of_card(card: Card, name: str) -> list[tuple[str, str]]:
    rows = [("Task", card.task)]
    if card.labels:
        rows.append(("Labels", f"{len(card.labels)}: {', '.join(card.labels)}"))
    if card.name != name:
        rows.append(("Trained as", card.name))
    rows += [
        ("Data", _data(card)),
        ("Licence of the data", _text(card.data.get("licence")) or "not stated"),
        ("Licence of the weights", _text(card.data.get("weights_licence")) or "not stated"),
    ]
    for split, values in card.metrics.items():
        rows.append((split.capitalize(), figures(values) or "not in a form that is known here"))
    if not card.metrics:
        rows.append(("Test", f"not evaluated; run python -m fstmuse.evaluate {name}"))
    rows += [("Protocol", protocol) for protocol in protocols(card)]
    mel = card.mel
    mels = f"{mel.n_mels} mels from {mel.fmin:,.0f} to {mel.fmax:,.0f} Hz" if mel else "the samples themselves"
    rows.append(("Network", card.network))
    if card.task == "generate":
        return [*rows, ("Makes", f"mono at {card.audio.sample_rate:,} Hz from {mels}")]
    hears = (
        f"mono at {card.audio.sample_rate:,} Hz, {card.audio.seconds:.3g} s at a time, a window every "
        f"{card.hop_seconds:.3g} s; {mels}"
    )
    return [*rows, ("Hears", hears)]


def _data(card: Card) -> str:
    counts = [
        f"{number:,} {use}"
        for key, use in (("train", "to learn from"), ("valid", "to choose by"))
        if isinstance(number := card.data.get(key), int)
    ]
    name = _text(card.data.get("name")) or "not stated"
    return f"{name} (clips: {', '.join(counts)})" if counts else name


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _holds_card(folder: Path) -> bool:
    return os.path.isfile(folder / CARD)  # noqa: PTH113 - Path.is_file raises where a folder may not be entered
