"""The middle parts of a split's clips, as pictures and as sound, and the gaps in them that evaluations are about."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fstmuse.artifacts.card import Card
from fstmuse.data.cache import prepare
from fstmuse.data.clip import Clip
from fstmuse.data.loader import load
from fstmuse.data.manifest import Manifest
from fstmuse.data.stored import as_float
from fstmuse.errors import DataError
from fstmuse.features.mel import LogMel
from fstmuse.inference.evaluation_folder import clips_of
from fstmuse.spec import AudioSpec, MelSpec
from fstmuse.tasks.gap_metrics import RANGE_DB, in_range

FRAMES = 431
"""Of each clip that are looked at, around the gap: 10 s at hop 512 and 22,050 Hz."""

_BATCH = 16


@dataclass(frozen=True, eq=False)
class Stretches:
    """Parts from the middle of clips.

    Args:
        clips: those that can be measured.
        skipped: clip_id, path and reason of those that cannot.
        pictures: of each, float32 (frames, mels) in dB, cut off `RANGE_DB` below its loudest value.
        firsts: of each, the frame of the clip that its picture begins with.
        root: the folder that the clips' paths are relative to.
        audio: how much of each clip is read.
        mel: of the pictures.
    """

    clips: tuple[Clip, ...]
    skipped: tuple[tuple[str, str, str], ...]
    pictures: tuple[np.ndarray, ...]
    firsts: tuple[int, ...]
    root: Path
    audio: AudioSpec
    mel: MelSpec

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def widest(self) -> int:
        """A gap that leaves frames on both sides of every picture."""
        return max(1, min(map(len, self.pictures)) - 2)

    def gap(self, number: int, width: int) -> tuple[int, int]:
        """The gap of a picture: its first frame, and the one after its last."""
        start = (len(self.pictures[number]) - width) // 2
        return start, start + width

    def hidden(self, number: int, width: int) -> tuple[int, int]:
        """The same gap in samples of `sounds`: all that the gap's frames cover."""
        start, stop = self.gap(number, width)
        return start * self.mel.hop_length, (stop - 1) * self.mel.hop_length + self.mel.n_fft

    def audible(self, width: int) -> list[int]:
        """Numbers of the clips in whose gap there is sound within `RANGE_DB` of the clip's loudest value.

        In soft clips that reaches below the pictures' floor, where digital silence lies.
        """
        found = []
        # Rounded as the cache rounds it: a floor that became higher is still silence.
        floor = float(np.float16(self.mel.floor_db))
        for number, picture in enumerate(self.pictures):
            inside = picture[slice(*self.gap(number, width))]
            if inside.max() > max(picture.max() - RANGE_DB, floor):
                found.append(number)
        return found

    def sounds(self, numbers: Sequence[int], workers: int = 0) -> Iterator[tuple[int, np.ndarray]]:
        """The sound of some pictures: their number, and float32 (samples,) at `mel.sample_rate` Hz.

        Raises:
            DataError: a clip that could be read before cannot be read any more.
        """
        hop, n_fft = self.mel.hop_length, self.mel.n_fft
        for loaded in load([self.clips[number] for number in numbers], self.root, self.audio, workers=workers):
            if loaded.array is None:
                raise DataError(f"{loaded.clip.clip_id}: {loaded.error}")
            number = numbers[loaded.index]
            first, samples = self.firsts[number] * hop, (len(self.pictures[number]) - 1) * hop + n_fft
            sound = loaded.array[first : first + samples]
            # Beyond a clip's end its last frames see silence.
            yield number, np.pad(sound, (0, samples - len(sound)))


def batches(pictures: Sequence[np.ndarray], numbers: Iterable[int]) -> Iterator[list[int]]:
    """Some of the pictures' numbers, those of one length together, as many at a time as a network is asked about."""
    by_length: dict[int, list[int]] = {}
    for number in numbers:
        by_length.setdefault(len(pictures[number]), []).append(number)
    for alike in by_length.values():
        for first in range(0, len(alike), _BATCH):
            yield alike[first : first + _BATCH]


def read_stretches(
    card: Card, fixed: int | None, manifest: Manifest, root: Path, split: str, seconds: float, workers: int
) -> Stretches:
    """Reads a split's clips by an artifact's front end.

    Args:
        card: of the artifact.
        fixed: frames of every picture where its network takes no others; None: at most `FRAMES`.
        manifest: of the data set.
        root: the folder that its paths are relative to.
        split: which clips of it.
        seconds: how much of each clip is read.
        workers: processes that decode.

    Raises:
        ManifestError: the split has no usable clip.
        DataError: no clip can be read.
    """
    window = card.mel.frames(card.audio.samples)
    audio = dataclasses.replace(card.audio, seconds=max(seconds, card.audio.seconds))
    wanted = Manifest(manifest.name, clips_of(manifest, split), manifest.source)
    cache = prepare(wanted, root, audio, kind="log-mel", mel=LogMel(card.mel), workers=workers)
    pictures, firsts = [], []
    for position, samples in enumerate(cache.samples):
        # What is shorter than the network's window was repeated to fill it, as in training.
        frames = max(card.mel.frames(int(samples)), window)
        length = fixed or min(frames, FRAMES)
        first = (frames - length) // 2
        pictures.append(in_range(as_float(cache.row(position)[first : first + length])))
        firsts.append(first)
    by_id = {clip.clip_id: clip for clip in wanted.clips}
    clips = tuple(by_id[clip_id] for clip_id in cache.ids)
    return Stretches(clips, tuple(cache.bad), tuple(pictures), tuple(firsts), Path(root), audio, card.mel)
