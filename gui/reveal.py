"""Shows a file in the system's file manager."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices


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
    return folder is not None and QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
