"""Shows a file in the system's file manager."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QProcess, QUrl
from PySide6.QtGui import QDesktopServices

from .core.paths import file_uri


def reveal(path: Path | str) -> bool:
    """Opens the folder of a file, with the file selected where the system can do that; a folder is opened itself.

    Args:
        path: of the file or folder; where it is gone, the nearest folder above that is there is opened.

    Returns:
        Whether something was opened.
    """
    path = Path(path)
    if path.is_file() and sys.platform == "win32":
        return QProcess.startDetached("explorer", ["/select,", str(path)])[0]
    if path.is_file() and sys.platform == "darwin":
        return QProcess.startDetached("open", ["-R", str(path)])[0]
    folder = next((place for place in (path, *path.parents) if place.is_dir()), None)
    return folder is not None and QDesktopServices.openUrl(QUrl.fromEncoded(file_uri(folder)))


def reveal_or_say(path: Path | str, say: Callable[[str], object]) -> None:
    """As `reveal`; where nothing was opened, says what there is to be opened by hand.

    Args:
        path: as in `reveal`.
        say: shows a line of text.
    """
    if not reveal(path):
        say(QCoreApplication.translate("Reveal", "No program here opens folders. It lies in {0}").format(path))
