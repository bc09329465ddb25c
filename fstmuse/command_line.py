"""What all commands share: how they end when something is wrong, and how they write numbers."""

from __future__ import annotations

import os
import sys

import typer

from fstmuse.errors import FstMuseError

INTERRUPTED = 130


def make_app(**options: object) -> typer.Typer:
    """A command in the house's manner: no completion options, plain errors, plain help."""
    # Typer's boxed help doubles the time that --help takes.
    return typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, **options)


def run(app: typer.Typer, name: str) -> None:
    """Runs a command; errors made for people end it in one or two lines with exit code 2.

    Args:
        app: the command.
        name: how the help calls it, such as `python -m fstmuse.train`.
    """
    # TensorFlow writes device and build notes to stderr before anyone asked; its errors stay.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        app(prog_name=name)
    except FstMuseError as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # The reader (head, less) has gone: not our failure, and there is nobody left to tell.
        sys.stdout = None
        sys.exit(0)
