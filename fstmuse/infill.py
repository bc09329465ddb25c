"""Fills gaps in sound, or lets it go on: python -m fstmuse.infill ARTIFACT CLIP --gap START END --out FIXED.wav."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fstmuse.command_line import INTERRUPTED, PairsCommand, make_app, pair, require_folder_of, run
from fstmuse.errors import ArtifactError, Cancelled, ConfigError

if TYPE_CHECKING:
    from fstmuse.inference.made_sound import MadeSound

KINDS = {".wav": "WAV", ".flac": "FLAC"}

app = make_app()

_ARGUMENTS = (
    "Folder of a network that was trained to fill gaps (for --continue: to go on), or its name in the folder of models "
    "(not with --plain), and a sound file of any rate and number of channels."
)
_PLAIN = "Ask no network: go by linear prediction and what lies around. Starts in a second."
_GAP = "Where sound is missing, in s. May be given several times."
_FIND = (
    "Fill dropouts, too, that are found in the file: samples that are no numbers, and sound that breaks off into "
    "silence or one held value for 5 ms or longer, in all channels or in one. In MP3 and Ogg from about 20 ms on."
)
_CONTINUE = "Fill no gap, but let the clip go on beyond its end for so many seconds, up to 30."
_SPREAD = (
    "How far --continue goes from the best guess. 0: the best guess, soon one held texture; seeds change its phases "
    "alone. 1: as varied as the clip's last 4 s, whose onsets come again in another order. Default: 1."
)
_OUT = (
    "Write the mended clip here (.wav or .flac), and beside it, under the same name, pictures from before and after "
    "(.png) and what was done (.json). Default: NAME.infilled.wav, or "
    "NAME.continued.wav, in the folder where you are."
)
_SEED = "Of what cannot be known: phases in the middle of wide gaps, and how a clip goes on. Another seed, another try."
_ITERATIONS = "Turns of the search for phases in gaps wider than 40 ms, and in --continue. Default: 8; there 32."


class _Command(PairsCommand):
    pairs = ("--gap",)


@app.command(cls=_Command)
def infill(
    arguments: Annotated[list[str], typer.Argument(metavar="[ARTIFACT] CLIP", help=_ARGUMENTS)],
    plain: Annotated[bool, typer.Option("--plain", help=_PLAIN)] = False,
    gap: Annotated[list[str] | None, typer.Option(metavar="START END", help=_GAP)] = None,
    find: Annotated[bool, typer.Option("--find", help=_FIND)] = False,
    longer: Annotated[float | None, typer.Option("--continue", metavar="SECONDS", help=_CONTINUE)] = None,
    spread: Annotated[float | None, typer.Option(metavar="X", help=_SPREAD)] = None,
    out: Annotated[Path | None, typer.Option(metavar="PATH", help=_OUT)] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help=_SEED)] = 0,
    iterations: Annotated[int | None, typer.Option(min=0, metavar="N", help=_ITERATIONS)] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
) -> None:
    """Fill gaps in a sound file, or let it go on, at its own rate and channels; all else stays sample by sample.

    Standard output says what was made and written.

    Exit code: 0 when the clip was written, 2 when it cannot be, 130 after Ctrl-C.
    """
    gaps = [pair("--gap", text) for text in gap or []]
    artifact, clip = _split(arguments, plain)
    how: dict[str, Any] = {"seed": seed} | ({} if iterations is None else {"iterations": iterations})
    if longer is None:
        _require_gaps(gaps, find, spread)
        how |= {"gaps": gaps, "find": find}
    else:
        _require_end(longer, gaps, find, spread)
        how |= {"seconds": longer} | ({} if spread is None else {"spread": spread})
    out = Path(f"{clip.stem}.{'infilled' if longer is None else 'continued'}.wav") if out is None else out
    _check_places(clip, out, overwrite)
    _check_clip(clip, gaps)
    # What may be refused is refused before TensorFlow takes its seconds to load.
    task = "infill" if longer is None else "continue"
    make = _plain(task) if artifact is None else _with_network(task, artifact, look=None if gaps or not find else clip)

    from fstmuse.interrupt import until_interrupted
    from fstmuse.meter import Meter

    with (
        Meter("filling, percent" if longer is None else "going on, percent", 100) as meter,
        until_interrupted() as stop,
    ):
        try:
            result = make(clip, **how, progress=lambda share: meter.at(100 * share), cancel=stop)
        except Cancelled:
            print("Interrupted. Nothing was written.", file=sys.stderr)
            raise typer.Exit(INTERRUPTED) from None
    _write(result, out)


def _split(arguments: list[str], plain: bool) -> tuple[str | None, Path]:
    """The artifact, if one is wanted, and the clip."""
    if plain and len(arguments) == 1:
        return None, Path(arguments[0])
    if not plain and len(arguments) == 2:
        return arguments[0], Path(arguments[1])
    expected = "the clip alone with --plain" if plain else "an artifact and a clip, or --plain and a clip"
    raise ConfigError(f"Received {', '.join(arguments)}; expected {expected}.")


def _require_gaps(gaps: list[tuple[float, float]], find: bool, spread: float | None) -> None:
    if not gaps and not find:
        raise ConfigError(
            "Nothing to fill: say where sound is missing (--gap START END), let it be found (--find), or let the clip "
            "go on (--continue SECONDS)."
        )
    if spread is not None:
        raise ConfigError("--spread says how freely a clip goes on: give it with --continue SECONDS, or leave it out.")


def _require_end(longer: float, gaps: list[tuple[float, float]], find: bool, spread: float | None) -> None:
    from fstmuse.features.continue_sound import require_settings

    if gaps or find:
        raise ConfigError(
            "--continue fills no gaps: leave --gap and --find out, or fill the gaps first and let the result go on."
        )
    require_settings(longer, 1.0 if spread is None else spread)


def _check_places(clip: Path, out: Path, overwrite: bool) -> None:
    """Refuses what cannot be written, before anything is computed."""
    if out.suffix.lower() not in KINDS:
        raise ConfigError(f"--out {out}: expected a name that ends in .wav or .flac.")
    require_folder_of(out)
    for place in _places(out):
        if place.resolve() == clip.resolve():
            raise ConfigError(f"--out {out} would replace the clip itself. Choose another name.")
        if place.is_dir():
            raise ConfigError(f"--out {out}: {place} is a folder. Choose another name.")
        if place.exists() and not overwrite:
            raise ConfigError(f"{place} exists already. Replace it (--overwrite) or choose another name.")


def _places(out: Path) -> tuple[Path, Path, Path]:
    return out, out.with_suffix(".png"), out.with_suffix(".json")


def _check_clip(clip: Path, gaps: list[tuple[float, float]]) -> None:
    from fstmuse.audio.decode import probe
    from fstmuse.features.gaps import gaps_in_samples

    info = probe(clip)
    if gaps:
        # Lengths of lossy files may be a little off; what is said here is said again when the clip is decoded.
        gaps_in_samples(gaps, info.sample_rate, round(info.duration_s * info.sample_rate))


def _plain(task: str) -> Callable[..., MadeSound]:
    if task == "continue":
        from fstmuse.inference.continuing import go_on

        return go_on
    from fstmuse.inference.infilling import infill as fill

    return fill


def _with_network(task: str, artifact: str, look: Path | None) -> Callable[..., MadeSound]:
    """What makes the sound; refused before TensorFlow loads where no dropout is found in the clip to `look` at."""
    from fstmuse.artifacts.card import read_card
    from fstmuse.artifacts.find import find_artifact

    folder = find_artifact(artifact)
    card = read_card(folder)
    if card.task != task:
        does, network = ("fills gaps", "gapnet") if task == "infill" else ("goes on where a clip ends", "prednet")
        raise ArtifactError(
            f"{folder} was trained to {card.task}; expected a network that {does}. Train one by "
            f"python -m fstmuse.train {network}, or do without (--plain)."
        )
    if look is not None:
        from fstmuse.inference.infilling import require_dropouts

        require_dropouts(look)
    from fstmuse.quiet import load_tensorflow

    load_tensorflow()
    from fstmuse.inference.session import Session

    session = Session(folder)
    return session.infill if task == "infill" else session.go_on


def _write(result: MadeSound, out: Path) -> None:
    """Writes clip, pictures and what was done, and says so."""
    from fstmuse.inference.made_sound import subtype_of, write_files

    kind = KINDS[out.suffix.lower()]
    write_files(result, *_places(out), kind)
    for line in result.lines:
        print(line)
    channels = result.waveform.shape[1]
    print(
        f"{out}: {result.summary} by {result.model}; {result.sample_rate} Hz, "
        f"{channels} {'channel' if channels == 1 else 'channels'}, {subtype_of(result, kind)}"
    )


def main() -> None:
    """Entry point of `fstmuse-infill` and of `python -m fstmuse.infill`."""
    run(app, "python -m fstmuse.infill")


if __name__ == "__main__":
    main()
