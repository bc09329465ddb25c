"""Files as they are dragged out of the window, or copied for pasting."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QMimeData, QUrl

from .core.paths import file_uri


def mime_of(files: Iterable[str]) -> QMimeData:
    """Addresses of files.

    Args:
        files: their paths; they are there.
    """
    mime = QMimeData()
    mime.setUrls([QUrl.fromEncoded(file_uri(file)) for file in files])
    return mime
