"""Opens the window: python -m gui [FILES_OR_FOLDERS...]. Imports nothing heavy until it is asked to."""

from __future__ import annotations

import contextlib
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fstmuse import __version__
from fstmuse.command_line import make_app, run

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance
    from PySide6.QtWidgets import QApplication

app = make_app()

_PATHS = "Sound files and folders to begin with. A window that is open already takes them."
_MODELS = "Folder of trained networks, for this start. Default: as chosen in the window, or FSTMUSE_MODELS."
_SETTINGS = "Use this ini file instead of the user's own settings."
_SMOKE = "Classify one clip (the first of the files, else one that FstMuse makes itself), say what came of it, and end."


@app.command()
def start(
    paths: Annotated[list[str] | None, typer.Argument(metavar="FILES_OR_FOLDERS", help=_PATHS)] = None,
    models: Annotated[Path | None, typer.Option(metavar="DIR", help=_MODELS)] = None,
    settings: Annotated[Path | None, typer.Option(metavar="FILE", help=_SETTINGS)] = None,
    new: Annotated[bool, typer.Option("--new", help="Open another window beside one that is open.")] = False,
    smoke: Annotated[bool, typer.Option("--smoke", help=_SMOKE)] = False,
    version: Annotated[bool, typer.Option("--version", help="Show the version and end.")] = False,
) -> None:
    """Open the window: drop clips in, see and hear what the networks make of them.

    Exit code: 0 when it was closed, or --smoke went well; 1 when --smoke got no answer in time; 2 when the window
    cannot be opened.
    """
    if version:
        print(f"FstMuse {__version__}")
        return
    from .platform_check import require_qt

    require_qt()
    application = _application()
    if smoke:
        from .smoke import run_smoke

        with tempfile.TemporaryDirectory(prefix="fstmuse-smoke-") as folder:
            code = run_smoke(application, paths or [], models, Path(folder))
    else:
        code = _open(application, paths or [], models, settings, new)
    raise typer.Exit(code)


def _application() -> QApplication:
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication

    QCoreApplication.setOrganizationName("FstMuse")
    QCoreApplication.setApplicationName("FstMuse")
    QCoreApplication.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName("fstmuse")
    # Qt would take its own options out of the arguments; they have been read.
    application = QApplication(sys.argv[:1])
    from .icons import app_icon

    application.setWindowIcon(app_icon())
    return application


def _open(application: QApplication, paths: list[str], models: Path | None, file: Path | None, new: bool) -> int:
    from .single import absolute, address, listen_or_hand_over

    # Another folder of models is a wish for a window of its own.
    alone = new or models is not None
    where = address(absolute(str(file)) if file else "")
    single = None if alone else listen_or_hand_over(where, paths)
    if single is None and not alone:
        print("The window that is open takes over.", file=sys.stderr)
        return 0
    with contextlib.ExitStack() as ending:
        interrupted = ending.enter_context(_interrupts())
        if single is not None:
            ending.callback(single.close)
        from PySide6.QtCore import QStandardPaths

        from .core.log import LogFile
        from .faults import Faults
        from .settings import Settings
        from .theme import Theme
        from .window import Window

        local = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppLocalDataLocation)
        settings = Settings(file)
        if models is not None:
            settings.use_models(models)
        log = LogFile(Path(local) / "log")
        ending.callback(log.close)
        faults = Faults()
        ending.callback(faults.close)
        theme = Theme(application, settings)
        ending.callback(theme.deleteLater)
        window = Window(settings, log)
        faults.happened.connect(window.tell_fault)
        interrupted.connect(window.close_surely)
        if single is not None:
            single.received.connect(window.take_over)
        if paths:
            window.painted.connect(lambda: window.take([absolute(path) for path in paths]))
        window.show()
        return application.exec()


@contextlib.contextmanager
def _interrupts() -> Iterator[SignalInstance]:
    """Turns Ctrl-C in the terminal into a signal of Qt's, which comes at once even while Qt waits and runs no Python.

    It comes with the turns of the event loop alone: a window that is closed while it is built, or before there is a
    loop that this would end, leaves a process without a window behind.
    """
    from PySide6.QtCore import QSocketNotifier

    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    before = signal.signal(signal.SIGINT, lambda *arguments: None)
    woken = signal.set_wakeup_fd(theirs.fileno())
    notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda: ours.recv(64))
    try:
        yield notifier.activated
    finally:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(woken)
        signal.signal(signal.SIGINT, before)
        ours.close()
        theirs.close()


def main() -> None:
    """Entry point of `fstmuse-gui` and of `python -m gui`."""
    run(app, "python -m gui")
