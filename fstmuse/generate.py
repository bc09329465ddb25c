"""Makes music: python -m fstmuse.generate ARTIFACT --label Rock --seconds 12 --count 4 --out DIR.

With --towards, the pieces lead evenly from the music of one seed to that of another.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fstmuse.command_line import INTERRUPTED, make_app, require_folder_of, run
from fstmuse.errors import ArtifactError, Cancelled, ConfigError

if TYPE_CHECKING:
    from fstmuse.artifacts.card import Card
    from fstmuse.inference.creation_settings import Wish
    from fstmuse.inference.generate_result import Creation

MOST = 1000
"""Pieces that are made by one command."""

app = make_app()

_ARTIFACT = "Folder of a network that was trained to make music, or its name in the folder of models."
_LABEL = "What kind of music: one of the network's labels. Without it, each seed draws one."
_SECONDS = "Of music, up to 600. Default: 12, or all that a network draws which draws one length alone."
_COUNT = "How many pieces, by seeds that follow each other, or on the way to that of --towards."
_SEED = "Of the first piece. Same seed, same music."
_TOWARDS = (
    "Another seed: --count pieces lead evenly from the music of --seed to that of this one, both included. Without "
    "--label, those beyond the middle are of the label that this one draws."
)
_TRUNCATION = (
    "Of networks that draw from noise: how far from the most usual music. 0: nearly the same each time; 1: as varied "
    "as what was learnt from."
)
_TEMPERATURE = (
    "Of networks that draw element by element (melnet-tiny and others): below 1, what is likelier comes more often."
)
_PRIME = (
    "Of such networks: an audio file to go on from. What is written begins with the end of it, up to 12 s, made of its "
    "picture like the rest."
)
_REFINE = (
    "Of such networks: an audio file, of 0.1 s to 10 min, to draw anew. Of its picture every fourth frame of every "
    "second band stays; the network draws the rest."
)
_INVERSION = (
    "From the picture to sound: griffin-lim, or l-bfgs, which meets the picture better at three to four times the cost."
)
_OUT = (
    "Write the pieces into this folder, which is made where it lacks: NAME-seedN.wav, or NAME-LABEL-seedN.wav, and "
    "beside it, under the same name, its picture (.png) and how it was made (.json). With --towards M, -towardsM-S "
    "follows, S being thousandths of the way; with --prime, the clip's name comes before the seed, with --refine "
    "CLIP-refined. Default: the folder where you are."
)


@app.command()
def generate(
    artifact: Annotated[str, typer.Argument(metavar="ARTIFACT", help=_ARTIFACT)],
    label: Annotated[str | None, typer.Option(metavar="LABEL", help=_LABEL)] = None,
    seconds: Annotated[float | None, typer.Option(metavar="S", help=_SECONDS)] = None,
    count: Annotated[int, typer.Option(min=1, max=MOST, metavar="N", help=_COUNT)] = 1,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help=_SEED)] = 0,
    towards: Annotated[int | None, typer.Option(min=0, metavar="N", help=_TOWARDS)] = None,
    truncation: Annotated[float, typer.Option(metavar="X", help=_TRUNCATION)] = 1.0,
    temperature: Annotated[float, typer.Option(metavar="X", help=_TEMPERATURE)] = 1.0,
    prime: Annotated[Path | None, typer.Option(metavar="CLIP", help=_PRIME)] = None,
    refine: Annotated[Path | None, typer.Option(metavar="CLIP", help=_REFINE)] = None,
    inversion: Annotated[str, typer.Option(metavar="NAME", help=_INVERSION)] = "griffin-lim",
    out: Annotated[Path, typer.Option(metavar="DIR", help=_OUT)] = Path(),
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
) -> None:
    """Make music with a network that learnt from some: from noise, or element by element.

    Networks that draw element by element draw up to eight pieces at once. Standard output names each piece once it is
    written.

    Exit code: 0 when all were written, 2 when they cannot be, 130 after Ctrl-C, which keeps those that are written.
    """
    from fstmuse.artifacts.card import read_card
    from fstmuse.artifacts.find import find_artifact
    from fstmuse.inference.creation_settings import Wish, require_settings
    from fstmuse.inference.given_clips import require_clips

    folder = find_artifact(artifact)
    card = read_card(folder)
    if card.task != "generate":
        raise ArtifactError(
            f"{folder} was trained to {card.task}; expected a network that makes music from noise. Train one by "
            "python -m fstmuse.train melgan-c-tiny."
        )
    asked = Wish(
        seconds, label, seed, truncation, temperature, towards, prime=prime, refine=refine, inversion=inversion
    )
    require_settings(card, asked)
    require_clips(asked)
    pieces = _pieces(asked, count)
    stems = {piece: _stem(folder, card, piece, out) for piece in pieces}
    _check_places(out, stems.values(), overwrite)
    _make(out)
    # What may be refused is refused before TensorFlow takes its seconds to load.
    from fstmuse.quiet import load_tensorflow

    load_tensorflow()
    from fstmuse.inference.generate_result import write_files
    from fstmuse.inference.session import Session
    from fstmuse.interrupt import until_interrupted
    from fstmuse.meter import Meter

    session, written, short = Session(folder), 0, 0
    with Meter("making music, percent", 100) as meter, until_interrupted() as stop, contextlib.suppress(Cancelled):
        made = session.generate_many(list(stems), progress=lambda share: meter.at(100 * share), cancel=stop)
        for stem, result in zip(stems.values(), made, strict=True):
            sound, *_ = write_files(result, stem)
            written, short = written + 1, short + bool(result.settings.get("cut_short"))
            print(_told(sound, result), file=meter.results)
    if stop.is_set():
        fragments = f", {short} of them cut short" if short else ""
        print(f"Interrupted. {written} of {count} pieces were written{fragments}.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED)


def _pieces(wish: Wish, count: int) -> list[Wish]:
    """One wish for each piece."""
    if wish.towards is None:
        return [dataclasses.replace(wish, seed=number) for number in range(wish.seed, wish.seed + count)]
    if wish.towards == wish.seed:
        raise ConfigError(f"Received --towards {wish.towards}, which is --seed itself. Give two seeds that differ.")
    if count < 2:
        raise ConfigError(
            f"Received --count {count} with --towards {wish.towards}; expected 2 or more: the first piece is that of "
            "--seed, the last that of --towards."
        )
    return [dataclasses.replace(wish, share=number / (count - 1)) for number in range(count)]


def _stem(folder: Path, card: Card, wish: Wish, out: Path) -> Path:
    """Where a piece goes, without suffix."""
    from fstmuse.inference.creation_settings import label_number, nearer, title

    drawn = nearer(wish.seed, wish.towards, wish.share)
    name = card.labels[label_number(card.labels, wish.label, drawn)] if card.labels else None
    after = {"towards": wish.towards, "share": wish.share, "prime": wish.prime, "refine": wish.refine}
    return out / title(name, wish.seed, folder.resolve().name, **after)


def _make(out: Path) -> None:
    try:
        out.mkdir(exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--out {out} cannot be made: {error.strerror}. Choose another folder.") from None


def _check_places(out: Path, stems: Iterable[Path], overwrite: bool) -> None:
    """Refuses what cannot be written, before anything is computed."""
    from fstmuse.inference.generate_result import places

    require_folder_of(out)
    if out.exists() and not out.is_dir():
        raise ConfigError(f"--out {out} is a file; expected a folder. Choose another name.")
    for stem in stems:
        replaced = overwrite or _cut_short(places(stem)[-1])
        for place in places(stem):
            if place.is_dir():
                raise ConfigError(f"{place} is a folder. Choose another --out.")
            if place.exists() and not replaced:
                raise ConfigError(
                    f"{place} exists already. Replace it (--overwrite), or choose another --out or --seed."
                )


def _cut_short(sidecar: Path) -> bool:
    """Whether what lies there is a fragment that Ctrl-C has left: the same command makes it anew."""
    try:
        return bool(json.loads(sidecar.read_text("utf-8"))["settings"].get("cut_short"))
    except (OSError, ValueError, KeyError):
        return False


def _told(file: Path, result: Creation) -> str:
    made = f"{file}: {result.summary} by {result.model}; {result.sample_rate} Hz, {result.settings['sound']}"
    made += "; cut short" if result.settings.get("cut_short") else ""
    return made if result.waveform.any() else f"{made}; it is silent"


def main() -> None:
    """Entry point of `fstmuse-generate` and of `python -m fstmuse.generate`."""
    run(app, "python -m fstmuse.generate")


if __name__ == "__main__":
    main()
