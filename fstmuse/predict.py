"""Asks a trained network about sound files: python -m fstmuse.predict ARTIFACT FILES_OR_FOLDERS..."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fstmuse.command_line import INTERRUPTED, make_app, run
from fstmuse.errors import AudioError, Cancelled, ConfigError

if TYPE_CHECKING:
    import threading

    from fstmuse.artifacts.card import Card
    from fstmuse.inference.results import Classification, Skipped
    from fstmuse.inference.resumable import ResumableReport
    from fstmuse.inference.session import Session
    from fstmuse.meter import Meter
    from fstmuse.predict_request import Request

SHOWN = 10
"""Skipped files named on the screen when a report holds them all."""

app = make_app()

_ARTIFACT = "Folder of a trained network, or its name in the folder of models."
_SOUNDS = "Sound files of any length, rate and number of channels; folders are searched with all folders in them."
_ALONG_TIME = (
    "Answer for each window of time, too: csv, json and jsonl hold every window. The table and label tracks put "
    "neighbouring windows of one label together; the probability is then their mean."
)
_FORMAT = (
    "Form of the answers: table, csv, json (one document), jsonl (a line per file), labels (Audacity label tracks, "
    "along time) or png (a picture of each file: spectrogram, probabilities along time and over all). Default: by the "
    "suffix of --out, else table."
)
_START = (
    "Hear a part of each file only, from so many seconds on. Answers say which part was heard; their times are those "
    "of the file."
)
_DURATION = "Hear so many seconds of each file only; where the file ends sooner, what there is."
_OUT = "Write the answers here instead of to standard output: a file, or for labels and png a folder."
_RESUME = "Go on with the report at --out: files that are in it are not heard again."
_TOP = "Show the N likeliest labels of each file in the table."


@dataclass
class _Tally:
    """What has happened so far."""

    answered: int = 0
    done_before: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    interrupted: bool = False


@app.command()
def predict(
    artifact: Annotated[str, typer.Argument(metavar="ARTIFACT", help=_ARTIFACT)],
    sounds: Annotated[list[Path], typer.Argument(metavar="FILES_OR_FOLDERS", help=_SOUNDS)],
    along_time: Annotated[bool, typer.Option("--along-time", help=_ALONG_TIME)] = False,
    format: Annotated[str | None, typer.Option(metavar="FORMAT", help=_FORMAT)] = None,
    start_s: Annotated[float, typer.Option(min=0.0, metavar="S", help=_START)] = 0.0,
    duration_s: Annotated[float | None, typer.Option(metavar="S", help=_DURATION)] = None,
    out: Annotated[Path | None, typer.Option(metavar="PATH", help=_OUT)] = None,
    resume: Annotated[bool, typer.Option("--resume", help=_RESUME)] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the report at --out.")] = False,
    top: Annotated[int, typer.Option(min=1, metavar="N", help=_TOP)] = 3,
) -> None:
    """Ask a trained network about sound files.

    Standard output holds the answers alone; progress and skipped files go to standard error. With --out the skipped
    files and their reasons are in a CSV beside the report (json: in the document). Ctrl-C leaves the finished answers.

    Exit code: 0 when at least one file was answered (now, or before in a resumed report), 1 when all files were
    skipped, 2 when the command cannot be carried out, 130 after Ctrl-C.
    """
    from fstmuse.artifacts.card import read_card
    from fstmuse.artifacts.find import find_artifact
    from fstmuse.inference.results import Skipped
    from fstmuse.predict_request import gather, read_request

    request = read_request(format, along_time, start_s, duration_s, out, resume, overwrite, top)
    folder = find_artifact(artifact)
    card = read_card(folder)
    files = gather(sounds)
    if request.format == "labels" and out is None and len(files) > 1:
        raise ConfigError(f"{len(files):,} label tracks do not fit into one. Give --out FOLDER, a track per file.")
    # What may be refused is refused before TensorFlow takes its seconds to load.
    report = _report(request, card, _common(sounds)) if out is not None and request.format != "json" else None
    tally = _Tally()
    try:
        if report is not None:
            fresh = [file for file in files if not report.done(file.path if isinstance(file, Skipped) else str(file))]
            tally.done_before, files = len(files) - len(fresh), fresh
        if files:
            _answer(folder, card, files, request, report, tally)
    finally:
        if report is not None:
            report.close()
    _tell(request, report, tally)
    if tally.interrupted:
        raise typer.Exit(INTERRUPTED)
    if not tally.answered and not tally.done_before:
        raise typer.Exit(1)


def _common(sounds: list[Path]) -> Path:
    """The folder that label tracks and pictures mirror: what all arguments have in common."""
    folders = [sound if os.path.isdir(sound) else sound.parent for sound in sounds]  # noqa: PTH112
    return Path(os.path.commonpath([os.path.abspath(folder) for folder in folders]))  # noqa: PTH100


def _report(request: Request, card: Card, root: Path) -> ResumableReport:
    from fstmuse.inference.resumable import ResumableReport

    return ResumableReport(
        request.out,
        card.labels,
        format=request.format,
        along_time=request.along_time,
        model=card.signature,
        existing=request.existing,
        root=root,
        part=request.part,
    )


def _answer(
    folder: Path,
    card: Card,
    files: list[Path | Skipped],
    request: Request,
    report: ResumableReport | None,
    tally: _Tally,
) -> None:
    from fstmuse.interrupt import until_interrupted
    from fstmuse.meter import Meter

    session = _session(folder) if any(isinstance(file, Path) for file in files) else None
    with Meter("predicting", len(files)) as meter, until_interrupted() as stop:
        answers = _answers(session, files, request, meter, stop, tally)
        if report is not None:
            for item in answers:
                report.add(item)
        else:
            _writer(request, card, files, meter)(answers)


def _session(folder: Path) -> Session:
    from fstmuse.quiet import load_tensorflow

    load_tensorflow()
    from fstmuse.inference.session import Session

    return Session(folder)


def _answers(
    session: Session | None,
    files: list[Path | Skipped],
    request: Request,
    meter: Meter,
    stop: threading.Event,
    tally: _Tally,
) -> Iterator[Classification | Skipped]:
    """An answer, or the reason for none, for each file; ends early after Ctrl-C. Skipped files need no session."""
    from fstmuse.inference.results import Skipped

    asked = {"along_time": request.along_time, "start_s": request.start_s, "duration_s": request.duration_s}
    for file in files:
        if stop.is_set():
            tally.interrupted = True
            return
        try:
            if isinstance(file, Skipped):
                item = file
            else:
                item = session.classify(file, **asked, progress=meter.share, cancel=stop)
        except AudioError as error:
            item = Skipped(str(file), str(error).removeprefix(f"{file}: "))
        except Cancelled:
            tally.interrupted = True
            return
        yield item
        if isinstance(item, Skipped):
            tally.skipped.append(item)
        else:
            tally.answered += 1
        meter.advance()


def _writer(request: Request, card: Card, files: list[Path | Skipped], meter: Meter) -> Callable[[Iterator], object]:
    """What takes the answers when there is no resumable report."""
    from fstmuse.inference import reports
    from fstmuse.inference.results import Skipped

    if request.out is not None:
        return lambda answers: _write_document(answers, request.out, card.signature)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a name that the terminal cannot show is no reason to stop
    if request.format == "csv":
        return lambda answers: reports.write_csv(
            answers, meter.results, card.labels, request.along_time, card.signature, request.part
        )
    if request.format == "jsonl":
        return lambda answers: reports.write_json_lines(answers, meter.results, card.signature)
    if request.format == "json":
        return lambda answers: reports.write_json(answers, meter.results, card.signature)
    if request.format == "labels":
        return lambda answers: meter.results.writelines(
            reports.label_track(item) for item in answers if not isinstance(item, Skipped)
        )
    from fstmuse.predict_view import Table

    names = [str(file) for file in files if isinstance(file, Path)]
    table = Table(meter.results, names, card.labels, request.along_time, request.top, bool(request.part))

    def show(answers: Iterator[Classification | Skipped]) -> None:
        for item in answers:
            table.add(item)

    return show


def _write_document(answers: Iterator[Classification | Skipped], out: Path, model: str) -> None:
    from fstmuse.inference.outputs import unwritable
    from fstmuse.inference.reports import write_json

    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            write_json(answers, file, model)
        part.replace(out)
    except OSError as error:
        raise unwritable(out, error) from None
    finally:
        part.unlink(missing_ok=True)


def _tell(request: Request, report: ResumableReport | None, tally: _Tally) -> None:
    """Says on standard error what came of it, and which files were skipped."""
    from fstmuse.inference.reports import printable

    listed = report.skipped_path if report is not None else request.out
    shown = tally.skipped if listed is None else tally.skipped[:SHOWN]
    for item in shown:
        print(f"Skipped {printable(item.path)}: {printable(item.reason)}", file=sys.stderr)
    if len(shown) < len(tally.skipped):
        print(f"and {len(tally.skipped) - len(shown):,} more", file=sys.stderr)
    before = f", {tally.done_before:,} were in the report already" if tally.done_before else ""
    if request.out is not None or tally.skipped or tally.interrupted:
        where = f": {request.out}" if request.out is not None else ""
        files = "file" if tally.answered == 1 else "files"
        print(f"{tally.answered:,} {files} answered, {len(tally.skipped):,} skipped{before}{where}", file=sys.stderr)
    if tally.skipped and listed is not None:
        print(f"Reasons for all skipped files: {listed}", file=sys.stderr)
    if tally.interrupted:
        way = " The same command with --resume goes on." if report is not None else ""
        print(f"Interrupted.{way}", file=sys.stderr)


def main() -> None:
    """Entry point of `fstmuse-predict` and of `python -m fstmuse.predict`."""
    run(app, "python -m fstmuse.predict")


if __name__ == "__main__":
    main()
