"""The child that looks for dropouts in one clip, and ends. It decodes: a damaged file must not end the window."""

from __future__ import annotations

from multiprocessing.connection import Connection

from fstmuse.errors import FstMuseError

from ..core.messages import Dropouts, Failed
from .channel import Channel, settle


def main(connection: Connection, path: str) -> None:
    """Looks for dropouts.

    Args:
        connection: sends `Dropouts`, or `Failed` with words for people.
        path: of the clip.
    """
    settle()
    channel = Channel(connection)
    try:
        channel.send(_found(path))
    except MemoryError:
        channel.send(Failed(0, "", "MemoryError", f"{path}: there is not enough memory for a clip of this length."))
    except FstMuseError as error:
        channel.send(Failed(0, "", type(error).__name__, str(error)))
    except Exception as error:
        # Whatever a damaged file brings a decoder to raise belongs to this file.
        channel.send(Failed(0, "", type(error).__name__, f"{path}: {type(error).__name__}: {error}"))


def _found(path: str) -> Dropouts:
    from fstmuse.audio.channels import decode_channels
    from fstmuse.audio.dropouts import find_dropouts

    samples, rate = decode_channels(path)
    found = find_dropouts(samples, rate)
    return Dropouts(tuple((dropout.start / rate, dropout.end / rate, dropout.reason) for dropout in found))
