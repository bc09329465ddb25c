"""Measures a trained network on labelled clips: python -m fstmuse.evaluate ARTIFACT --data ... [--split test]."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fstmuse.command_line import make_app, require_folder_of, run
from fstmuse.errors import ArtifactError, ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from fstmuse.artifacts.card import Card
    from fstmuse.artifacts.figures_table import FiguresTable
    from fstmuse.data.manifest import Manifest
    from fstmuse.inference.continue_evaluation import ContinueEvaluation
    from fstmuse.inference.evaluation import Evaluation
    from fstmuse.inference.generate_evaluation import GenerateEvaluation
    from fstmuse.inference.infill_evaluation import InfillEvaluation
    from fstmuse.inference.tag_evaluation import TagEvaluation

app = make_app()

_ARTIFACT = "Folder of a trained network, or its name in the folder of models."
_DATA = "A known data set (demo, fma_small), a manifest CSV, or a folder with one folder per label."
_LABELS = (
    "Measure only on clips of these labels, with commas between. Default: all, and the network must know them all; of "
    "a network that tags, all that it knows, on all clips."
)
_ROOT = "Folder that the manifest's paths start from."
_SPLIT = "Split of the data to measure on: train, valid or test."
_OUT = "Folder for the figures. Default: evaluation/DATA-SPLIT in the artifact's folder."
_CLASSIFIER = (
    "Of music from noise: a network that classifies such music. What it hears is compared, and where it knows the "
    "labels it says how many drawn sounds it takes for theirs."
)
_COUNT = "Of music from noise: windows of each kind, 16 to 4096. Default: 512, fewer of networks that draw long ones."
_TEMPERATURE = "Of networks that draw element by element: at which they draw, as `generate` has it. Default: 1."


@app.command()
def evaluate(
    artifact: Annotated[str, typer.Argument(metavar="ARTIFACT", help=_ARTIFACT)],
    data: Annotated[str, typer.Option(metavar="NAME_OR_PATH", help=_DATA)],
    root: Annotated[Path | None, typer.Option(metavar="DIR", help=_ROOT)] = None,
    split: Annotated[str, typer.Option(metavar="SPLIT", help=_SPLIT)] = "test",
    labels: Annotated[str | None, typer.Option(metavar="A,B,...", help=_LABELS)] = None,
    classifier: Annotated[str | None, typer.Option(metavar="NAME", help=_CLASSIFIER)] = None,
    count: Annotated[int | None, typer.Option(metavar="N", help=_COUNT)] = None,
    temperature: Annotated[float | None, typer.Option(metavar="X", help=_TEMPERATURE)] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help=_OUT)] = None,
) -> None:
    """Measure a trained network on clips whose labels are known, or another one on any clips.

    Prints the figures and writes metrics.json (protocol, n, manifest hash, all figures), predictions.csv,
    confusion.csv, confusion.png, best_worst.csv and skipped.csv; of tags tags.csv and tags.png in place of the
    confusion matrix; of gaps clips.csv, widths.csv, widths.png and skipped.csv; of going on lags.csv and lags.png in
    their place; of a vocoder clips.csv, sound.png and skipped.csv; of music from noise windows.csv, bins.csv,
    beside.png and skipped.csv.
    Clips that cannot be heard are left out of n and reported. The artifact itself is not changed.
    """
    from fstmuse.artifacts.card import read_card
    from fstmuse.artifacts.find import find_artifact
    from fstmuse.data.registry import resolve
    from fstmuse.inference.evaluation import check_labels, evaluate_clips, write_evaluation
    from fstmuse.inference.tag_evaluation import check_tags, evaluate_tags
    from fstmuse.inference.tag_evaluation_files import write_tag_evaluation

    if out is not None:
        require_folder_of(out)
    folder = find_artifact(artifact)
    card = read_card(folder)
    asked = [label.strip() for label in labels.split(",") if label.strip()] if labels else None
    drawing = _drawing(card, split, classifier, count, temperature)
    # As `read_lesson` has it: music of one label is learnt as one kind, and lies in folders of labels all the same.
    labelled = bool(card.labels) or (card.task == "generate" and bool(card.training.get("labels")))
    manifest, root = resolve(data, root, labelled=labelled)
    # What may be refused is refused before TensorFlow takes its seconds to load.
    tagging = card.task == "tag"
    if card.labels:
        (check_tags if tagging else check_labels)(card, manifest, split, asked)
    if card.task == "generate":
        _evaluate_pictures(card.task, folder, data, manifest, root, split, out, labels=asked, **drawing)
        return
    if not card.labels:
        chosen = manifest.only_labels(asked) if asked else manifest
        _evaluate_pictures(card.task, folder, data, chosen, root, split, out)
        return

    from fstmuse.meter import Meter
    from fstmuse.quiet import load_tensorflow

    load_tensorflow()
    from fstmuse.evaluate_view import tell, tell_tags
    from fstmuse.inference.session import Session

    measure = evaluate_tags if tagging else evaluate_clips
    total = len((manifest.only_labels(asked) if asked else manifest).split(split))
    with Meter("evaluating", total) as meter:
        evaluation = measure(
            Session(folder), manifest, root, split, lambda share: meter.at(share * total), labels=asked
        )
    out = out or folder / "evaluation" / _name(evaluation, asked)
    (write_tag_evaluation if tagging else write_evaluation)(evaluation, out)
    (tell_tags if tagging else tell)(evaluation, out)


def _drawing(
    card: Card, split: str, classifier: str | None, count: int | None, temperature: float | None
) -> dict[str, Any]:
    """What `evaluate_generate` of `fstmuse.inference` is told beside the rest; nothing of other tasks."""
    from fstmuse.artifacts.card import read_card
    from fstmuse.artifacts.find import find_artifact

    given = {"--classifier": classifier, "--count": count, "--temperature": temperature}
    if card.task != "generate":
        for option, value in given.items():
            if value is not None:
                raise ConfigError(
                    f"Received {option} {value}; {card.name} was trained to {card.task}, and {option} is for networks "
                    "that make music from noise. Leave it out."
                )
        return {}
    from fstmuse.inference.creation_settings import Wish, require_settings
    from fstmuse.inference.generate_settings import require_measurable

    require_measurable(split, count)
    if temperature is not None:
        require_settings(card, Wish(temperature=temperature))
    hearer = None if classifier is None else find_artifact(classifier)
    if hearer is not None and (task := read_card(hearer).task) != "classify":
        raise ArtifactError(
            f"--classifier {hearer} was trained to {task}; expected a network that classifies, such as one of "
            "python -m fstmuse.train toymodel-pooled, trained on the same music."
        )
    return {"classifier": hearer, "count": count, "temperature": 1.0 if temperature is None else temperature}


def _evaluate_pictures(
    task: str, artifact: Path, data: str, manifest: Manifest, root: Path, split: str, out: Path | None, **more: Any
) -> None:
    from rich.console import Console

    from fstmuse.artifacts.figures_table import figures_table, filled_sound_table
    from fstmuse.data.registry import DATASETS
    from fstmuse.lesson import DEFAULT_CLIP_SECONDS
    from fstmuse.meter import Meter
    from fstmuse.quiet import load_tensorflow

    load_tensorflow()
    from fstmuse.inference.unlabelled import EVALUATIONS

    measure, write, _ = EVALUATIONS[task]
    seconds = DATASETS[data].clip_seconds if data in DATASETS else DEFAULT_CLIP_SECONDS
    with Meter("evaluating", 100) as meter:
        evaluation = measure(
            artifact, manifest, root, split, lambda share: meter.at(share * 100), seconds=seconds, **more
        )
    out = out or artifact / "evaluation" / _name(evaluation, more.get("labels"), more.get("temperature"))
    write(evaluation, out)
    console, told = Console(highlight=False, soft_wrap=True), evaluation.as_dict()
    left_out = f", {told['skipped']} skipped" if told["skipped"] else ""
    table = figures_table(told)
    title = f"{evaluation.card.name} on {evaluation.data}, split {split}: {told['n']:,} clips{left_out}, {table.title}"
    console.print(title, style="bold", markup=False)
    _print(console, table)
    for sentence in told.get("verdicts", ()):
        console.print(sentence, markup=False)
    if task == "continue":
        console.print(f"Draws are {told['spread']:.2f} dB apart (standard deviation).")
    if task == "infill":
        console.print("Flux at the joins: relative to the clip's median.")
    # Nothing where no gap has any sound.
    if task == "infill" and told["sound"]["n"]:
        filled = filled_sound_table(told["sound"])
        console.print(f"\n{filled.title}:", style="bold", markup=False)
        _print(console, filled)
    console.print(f"Figures: {out}", markup=False)


def _print(console: Console, told: FiguresTable) -> None:
    """A table as it is shown here."""
    from fstmuse.evaluate_view import new_table

    table = new_table(("", *told.columns))
    for row in told.rows:
        table.add_row(*row)
    console.print(table)


def _name(
    evaluation: Evaluation | TagEvaluation | InfillEvaluation | ContinueEvaluation | GenerateEvaluation,
    asked: list[str] | None,
    temperature: float | None = None,
) -> str:
    """DATA-SPLIT, and what else was asked for beside the usual: two evaluations do not overwrite each other."""
    parts = [evaluation.data, evaluation.split, *(["+".join(asked)] if asked else [])]
    if temperature not in (None, 1.0):
        parts.append(f"temperature{temperature:g}")
    return re.sub(r"[^\w.+-]+", "_", "-".join(parts))[:120]


def main() -> None:
    """Entry point of `fstmuse-evaluate` and of `python -m fstmuse.evaluate`."""
    run(app, "python -m fstmuse.evaluate")


if __name__ == "__main__":
    main()
