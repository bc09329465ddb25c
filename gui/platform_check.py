"""Whether Qt can open a window here, found out before Qt would end the process over it."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from fstmuse.errors import ConfigError

# What PySide6's wheels expect of the system, by file name, and Debian's packages of it.
_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libpulse.so.0": "libpulse0",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb.so.1": "libxcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
}
_ALL = "libegl1 libgl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libglib2.0-0"


def require_qt() -> None:
    """Makes sure that a window can be opened.

    Raises:
        ConfigError: PySide6 or a library of the system is missing, or there is no display.
    """
    try:
        import PySide6.QtWidgets
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "PySide6":
            raise
        raise ConfigError(
            "The window needs PySide6, which is not installed. Install it with pip install 'fstmuse[gui]'."
        ) from None
    except ImportError as error:
        raise ConfigError(_missing(str(error))) from None
    if sys.platform != "linux":
        return
    kind = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    x11, wayland = os.environ.get("DISPLAY"), os.environ.get("WAYLAND_DISPLAY")
    if (not kind and not x11 and not wayland) or (kind == "xcb" and not x11):
        raise ConfigError(
            "There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set. Start the window on a desktop; without "
            "one, use the commands such as python -m fstmuse.predict, or xvfb-run python -m gui."
        )
    if kind == "xcb" or (not kind and not wayland):
        plugin = Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
        if plugin.exists():  # a Qt of the system has its plugins elsewhere, and its packages are complete
            try:
                ctypes.CDLL(str(plugin))
            except OSError as error:
                raise ConfigError(_missing(str(error))) from None


def _missing(words: str) -> str:
    """What to do when the loader has said that a library is missing."""
    library = words.partition(":")[0].strip()
    package = _PACKAGES.get(library)
    if package is None:
        return f"Qt cannot be loaded: {words}. On Debian and Ubuntu: apt-get install {_ALL}."
    return (
        f"Qt needs the library {library}, which is not installed. On Debian and Ubuntu: apt-get install {package}. "
        "In a checkout, make gui installs all of them."
    )
