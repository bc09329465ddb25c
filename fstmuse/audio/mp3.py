"""Looks at the frames of an MP3 file before libsndfile does.

libsndfile believes the length it works out when it opens a file and reads nothing past
it. With a variable bit rate and no Xing header, or with two files joined into one, that
length is far too short, and the rest of the music would be lost without a word. Here
the frames are counted when the header does not vouch for them; it takes about a
millisecond for 30 s.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

_CHUNK = 1 << 20
_BIT_RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)  # kbit/s, MPEG 1
_BIT_RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)  # kbit/s, MPEG 2 and 2.5
_SAMPLE_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_XING_OFFSETS = (36, 21, 13)  # after the header and the side information of MPEG 1 stereo, mono or 2 stereo, 2 mono
_TRAILERS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN")


@dataclass(frozen=True)
class Survey:
    """What the frames of an MP3 file say.

    Args:
        regular: frame follows frame from the first byte after the tag to the end of the
            file, and nothing is missing: libsndfile reads it without complaint.
        samples: least number of samples that the file must give, 0 where its header
            vouches for libsndfile's own count.
    """

    regular: bool
    samples: int = 0


def survey(path: Path) -> Survey | None:
    """Looks at the frames of the file at `path`.

    Returns:
        None where the file does not begin as an MP3 does.

    Raises:
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        size = path.stat().st_size
        start = _skip_tags(file)
        file.seek(start)
        head = file.read(4096)
        if start == 0 and not (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0):
            return None
        frame = _frame(head[1], head[2]) if len(head) > 3 and head[0] == 0xFF else None
        if frame is None:
            # Padding after the tag, another layer, or sound of another kind (FLAC, AAC) behind an ID3 tag.
            return Survey(regular=False)
        has_xing, promised = _xing(head)
        left = size - start
        if promised and 0.99 * promised <= left <= promised + 4096 + 0.01 * promised:
            return Survey(regular=True)
        if promised > left:
            return Survey(regular=False)
        file.seek(start)
        samples, length = _count(file)
        if not length or (promised and length > 4096 + 1.01 * promised):
            return Survey(regular=False)
        # The Xing frame is no sound, and up to two frames of encoder delay and padding are cut.
        return Survey(regular=True, samples=max(0, samples - (4 if has_xing else 1) * frame[1]))


def _skip_tags(file: BinaryIO) -> int:
    """Position of the first byte after the ID3v2 tags at the front."""
    position = 0
    while True:
        file.seek(position)
        head = file.read(10)
        if len(head) < 10 or head[:3] != b"ID3":
            return position
        length = (head[6] & 127) << 21 | (head[7] & 127) << 14 | (head[8] & 127) << 7 | (head[9] & 127)
        position += 10 + length + (10 if head[5] & 0x10 else 0)


@lru_cache(maxsize=4096)
def _frame(second: int, third: int) -> tuple[int, int] | None:
    """Length in bytes and in samples of the layer III frame with these header bytes, or None for no such frame."""
    version, layer = second >> 3 & 3, second >> 1 & 3
    bit_rate, sample_rate = third >> 4, third >> 2 & 3
    if second & 0xE0 != 0xE0 or version == 1 or layer != 1 or bit_rate in (0, 15) or sample_rate == 3:
        return None
    samples = 1152 if version == 3 else 576
    kilobits = (_BIT_RATES_1 if version == 3 else _BIT_RATES_2)[bit_rate]
    length = samples // 8 * kilobits * 1000 // _SAMPLE_RATES[version][sample_rate] + (third >> 1 & 1)
    return length, samples


def _xing(head: bytes) -> tuple[bool, int]:
    """Whether the first frame is a Xing or Info header, and the bytes of sound that it promises (0: does not say)."""
    for offset in _XING_OFFSETS:
        if head[offset : offset + 4] in (b"Xing", b"Info"):
            flags = int.from_bytes(head[offset + 4 : offset + 8])
            if flags & 3 == 3:
                return True, int.from_bytes(head[offset + 12 : offset + 16])
            return True, 0
    return False, 0


def _count(file: BinaryIO) -> tuple[int, int]:
    """Samples and bytes of all frames from here to the end; zeros where bytes lie between that are no frame."""
    buffer, position, samples, length = file.read(_CHUNK), 0, 0, 0
    while True:
        if position + 16 > len(buffer):
            more = file.read(_CHUNK)
            # A frame may end beyond what was read: skip what is left of it.
            buffer, position = buffer[position:] + more[max(0, position - len(buffer)) :], 0
            if len(buffer) < 16:
                return samples, length
        frame = _frame(buffer[position + 1], buffer[position + 2]) if buffer[position] == 0xFF else None
        if frame is None:
            return (samples, length) if buffer.startswith(_TRAILERS, position) else (0, 0)
        position += frame[0]
        length += frame[0]
        samples += frame[1]
