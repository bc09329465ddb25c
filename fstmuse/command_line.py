"""What all commands share: how they end when something is wrong or interrupted, and how their help reads."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer
from typer.core import TyperCommand

from fstmuse.errors import ConfigError, FstMuseError
from fstmuse.startup import INTERRUPTED, raise_again

# How Typer's type checker puts it, and how people do.
_PLAIN = {
    "Input should be a valid integer": "expected a whole number",
    "Input should be a valid number": "expected a number",
    "Input should be greater than or equal to ": "expected at least ",
    "Input should be less than or equal to ": "expected at most ",
    "Input should be greater than ": "expected more than ",
    "Input should be less than ": "expected less than ",
}


class _Command(TyperCommand):
    """A command whose usage line and arguments show no types, whose wrong values are told in plain words."""

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)
        for parameter in self.params:
            if parameter.param_type_name == "argument":
                # What Typer writes behind an argument's name: <str>, <list[Path]>.
                parameter.display_type_rich = lambda ctx: None

    def collect_usage_pieces(self, ctx: typer.Context) -> list[str]:
        """ARTIFACT instead of {ARTIFACT}; optional arguments keep their brackets."""
        return [piece.replace("{", "").replace("}", "") for piece in super().collect_usage_pieces(ctx)]

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:
        """Says what was received and what was expected."""
        given = list(args)  # parsing takes the list apart
        try:
            return super().parse_args(ctx, args)
        except typer.BadParameter as error:
            for jargon, plain in _PLAIN.items():
                if error.message.startswith(jargon):
                    bound = error.message.removeprefix(jargon) if plain.endswith(" ") else ""
                    error.message = f"{_received(given, error.param)}{plain}{bound}."
            raise

    def make_context(self, *arguments: object, **options: object) -> typer.Context:
        """Reads the arguments."""
        with _interrupts_told():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: typer.Context) -> object:
        """Does the work."""
        with _interrupts_told():
            return super().invoke(ctx)


class PairsCommand(_Command):
    """A command some of whose options take two numbers each time they are given: --gap 1 2 --gap 3 4.

    Typer knows options that are given several times and such of two values, not both at once. Here the two become one
    text, of which `pair` makes numbers.
    """

    pairs: tuple[str, ...] = ()
    """Names of these options."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:
        """Puts the two values together."""
        joined: list[str] = []
        rest = list(args)
        while rest:
            name, equals, value = rest.pop(0).partition("=")
            if name not in self.pairs:
                joined.append(f"{name}{equals}{value}")
                continue
            values = [value] if equals else []
            while rest and len(values) < 2 and not rest[0].startswith("--"):
                values.append(rest.pop(0))
            joined += [name, " ".join(values)] if values else [name]
        return super().parse_args(ctx, joined)


def pair(option: str, text: str) -> tuple[float, float]:
    """The two numbers of an option of a `PairsCommand`.

    Raises:
        ConfigError: there are not two numbers.
    """
    try:
        first, second = map(_seconds, text.split(" "))
    except ValueError:
        comma = " Decimals stand behind a point, not a comma." if "," in text else ""
        raise ConfigError(
            f"{option} {text}: expected two numbers in seconds, a start and an end, such as {option} 4.2 4.45; or as a "
            f"clock shows them, such as 1:02.5.{comma}"
        ) from None
    return first, second


def _seconds(text: str) -> float:
    """4.2, 1:02.5 or 1:00:02.5 in s.

    Raises:
        ValueError: `text` is no such number.
    """
    *larger, last = text.split(":")
    if len(larger) > 2 or (larger and not (all(part.isdecimal() for part in larger) and 0 <= float(last) < 60)):
        raise ValueError(text)
    return sum(int(part) * 60**power for power, part in enumerate(reversed(larger), 1)) + float(last)


@contextlib.contextmanager
def _interrupts_told() -> Iterator[None]:
    """Ctrl-C ends in a word and an exit code; Typer would end without a word."""
    try:
        yield
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None


class _App(typer.Typer):
    def command(self, name: str | None = None, **options: object):
        return super().command(name, **{"cls": _Command} | options)


def make_app(**options: object) -> typer.Typer:
    """A command in the house's manner: no completion options, plain errors, plain help."""
    # Typer's boxed help doubles the time that --help takes.
    return _App(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, **options)


def run(app: typer.Typer, name: str) -> None:
    """Runs a command; errors made for people end it in one or two lines with exit code 2.

    Args:
        app: the command.
        name: how the help calls it, such as `python -m fstmuse.train`.
    """
    # TensorFlow writes device and build notes to stderr before anyone asked; its errors stay.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        raise_again()
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


def require_folder_of(out: Path) -> None:
    """Refuses a place in a folder that is not there: more likely mistyped than meant to be made.

    Args:
        out: what `--out` was given.

    Raises:
        ConfigError: there is no such folder.
    """
    if not out.parent.is_dir():
        raise ConfigError(f"--out {out}: there is no folder {out.parent}. Make it first, or choose another place.")


def _received(given: Sequence[str], parameter: object) -> str:
    """ "received 'two', ", where the value can be found among the arguments."""
    for name in getattr(parameter, "opts", ()):
        for place, text in enumerate(given):
            if text.startswith(f"{name}="):
                return f"received '{text.removeprefix(f'{name}=')}', "
            if text == name and place + 1 < len(given):
                return f"received '{given[place + 1]}', "
    return ""
