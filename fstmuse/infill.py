"""Fills gaps in sound: python -m fstmuse.infill ARTIFACT CLIP --gap START END --out FIXED.wav."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fstmuse.command_line import INTERRUPTED, PairsCommand, make_app, pair, require_folder_of, run
from fstmuse.errors import ArtifactError, Cancelled, ConfigError

if TYPE_CHECKING:
    from fstmuse.inference.infill_result import Infilling

KINDS = {".wav": "WAV", ".flac": "FLAC"}

app = make_app()

_ARGUMENTS = (
    "Folder of a network that was trained to fill gaps, or its name in the folder of models (not with --plain), and a "
    "sound file of any rate and number of channels."
)
_PLAIN = "Ask no network: fill by linear prediction and what lies around the gaps. Starts in a second."
_GAP = "Where sound is missing, in s. May be given several times."
_FIND = (
    "Fill dropouts, too, that are found in the file: samples that are no numbers, and sound that breaks off into "
    "silence or one held value for 5 ms or longer."
)
_OUT = (
    "Write the mended clip here (.wav or .flac), and beside it, under the same name, pictures from before and after "
    "(.png) and what was done (.json). Default: NAME.infilled.wav in the folder where you are."
)
_SEED = "Of the phases in the middle of wide gaps."
_ITERATIONS = "Turns of the search for phases in gaps wider than 40 ms."


class _Command(PairsCommand):
    pairs = ("--gap",)


@app.command(cls=_Command)
def infill(
    arguments: Annotated[list[str], typer.Argument(metavar="[ARTIFACT] CLIP", help=_ARGUMENTS)],
    plain: Annotated[bool, typer.Option("--plain", help=_PLAIN)] = False,
    gap: Annotated[list[str] | None, typer.Option(metavar="START END", help=_GAP)] = None,
    find: Annotated[bool, typer.Option("--find", help=_FIND)] = False,
    out: Annotated[Path | None, typer.Option(metavar="PATH", help=_OUT)] = None,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help=_SEED)] = 0,
    iterations: Annotated[int, typer.Option(min=0, metavar="N", help=_ITERATIONS)] = 8,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
) -> None:
    """Fill gaps in a sound file; all else stays as it is, sample by sample, at the file's own rate and channels.

    Standard output says what was filled and written.

    Exit code: 0 when the clip was written, 2 when it cannot be, 130 after Ctrl-C.
    """
    artifact, clip = _split(arguments, plain)
    gaps = [pair("--gap", text) for text in gap or []]
    if not gaps and not find:
        raise ConfigError("Nothing to fill: say where sound is missing (--gap START END), or let it be found (--find).")
    out = Path(f"{clip.stem}.infilled.wav") if out is None else out
    _check_places(clip, out, overwrite)
    _check_gaps(clip, gaps)
    # What may be refused is refused before TensorFlow takes its seconds to load.
    fill = _plain() if artifact is None else _with_network(artifact)

    from fstmuse.interrupt import until_interrupted
    from fstmuse.meter import Meter

    with Meter("filling, percent", 100) as meter, until_interrupted() as stop:
        try:
            result = fill(
                clip,
                gaps,
                find=find,
                seed=seed,
                iterations=iterations,
                progress=lambda share: meter.at(100 * share),
                cancel=stop,
            )
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
    raise ConfigError(f"Received {len(arguments)} arguments ({', '.join(arguments)}); expected {expected}.")


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


def _check_gaps(clip: Path, gaps: list[tuple[float, float]]) -> None:
    from fstmuse.audio.decode import probe
    from fstmuse.features.gaps import gaps_in_samples

    info = probe(clip)
    if gaps:
        # Lengths of lossy files may be a little off; what is said here is said again when the clip is decoded.
        gaps_in_samples(gaps, info.sample_rate, round(info.duration_s * info.sample_rate))


def _plain() -> Callable[..., Infilling]:
    from fstmuse.inference.infilling import infill as fill

    return fill


def _with_network(artifact: str) -> Callable[..., Infilling]:
    from fstmuse.artifacts.card import read_card
    from fstmuse.artifacts.find import find_artifact

    folder = find_artifact(artifact)
    card = read_card(folder)
    if card.task != "infill":
        raise ArtifactError(
            f"{folder} was trained to {card.task}; expected a network that fills gaps. Train one by "
            "python -m fstmuse.train gapnet, or do without (--plain)."
        )
    from fstmuse.quiet import load_tensorflow

    load_tensorflow()
    from fstmuse.inference.session import Session

    return Session(folder).infill


def _write(result: Infilling, out: Path) -> None:
    """Writes clip, pictures and what was done, and says so."""
    from fstmuse.inference.infill_result import subtype_of, write_files

    kind = KINDS[out.suffix.lower()]
    write_files(result, *_places(out), kind)
    for dropout in result.found:
        start_s, end_s = dropout.start / result.sample_rate, dropout.end / result.sample_rate
        print(f"found {start_s:.3f} to {end_s:.3f} s: {dropout.reason}")
    gaps = "1 gap" if len(result.gaps) == 1 else f"{len(result.gaps):,} gaps"
    missing = sum(end - start for start, end in result.gaps) / result.sample_rate
    channels = result.waveform.shape[1]
    print(
        f"{out}: {gaps}, {missing:.3f} s of {result.duration_s:.2f} s, filled by {result.model}; {result.sample_rate} "
        f"Hz, {channels} {'channel' if channels == 1 else 'channels'}, {subtype_of(result, kind)}"
    )


def main() -> None:
    """Entry point of `fstmuse-infill` and of `python -m fstmuse.infill`."""
    run(app, "python -m fstmuse.infill")


if __name__ == "__main__":
    main()
