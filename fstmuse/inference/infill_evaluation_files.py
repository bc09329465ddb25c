"""The files of an evaluation of gaps: metrics, clips, the curve over widths, skipped clips."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from fstmuse.data.csv_rows import write_rows
from fstmuse.errors import DataError
from fstmuse.inference.infill_evaluation import TRUTH, InfillEvaluation
from fstmuse.tasks.gap_figure import widths_figure
from fstmuse.tasks.gap_metrics import MEASURES

METRICS, CLIPS, CURVE, CURVE_FIGURE, SKIPPED = "metrics.json", "clips.csv", "widths.csv", "widths.png", "skipped.csv"

_FLUX, _TRUE_FLUX, _SNR = "boundary_flux", "boundary_flux_of_truth", "snr"


def write_infill_evaluation(evaluation: InfillEvaluation, folder: Path) -> None:
    """Writes an evaluation; files of an earlier one in the same folder are replaced.

    - `metrics.json`: figures with protocol, n, manifest hash, and the curve; written last, so that it stands for a
      whole set.
    - `clips.csv`: errors and joins of each clip in each way; SNR where sound was filled.
    - `widths.csv`, `widths.png`: figures over the width of the gap.
    - `skipped.csv`: clips that could not be measured, and why.

    Raises:
        DataError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / METRICS).unlink(missing_ok=True)
        columns = ("clip_id", "way", *MEASURES, _FLUX, _TRUE_FLUX, _SNR)
        write_rows(folder / CLIPS, columns, list(_clips(evaluation)))
        curve = evaluation.curve()
        rows = [{key: str(value) for key, value in row.items()} for row in curve]
        write_rows(folder / CURVE, ("width", "way", *MEASURES, "n"), rows)
        columns = ("clip_id", "path", "reason")
        write_rows(folder / SKIPPED, columns, [dict(zip(columns, row, strict=True)) for row in evaluation.skipped])
        title = f"{evaluation.card.name} on {evaluation.data} {evaluation.split} ({len(evaluation.on_curve)} clips)"
        widths_figure(curve, evaluation.card.mel, folder / CURVE_FIGURE, title)
        text = json.dumps(evaluation.as_dict() | {"widths": curve}, indent=2, ensure_ascii=False)
        (folder / METRICS).write_text(text + "\n", "utf-8")
    except OSError as error:
        raise DataError(
            f"{error.filename or folder}: cannot be written ({error.strerror or error}). Choose another place by --out."
        ) from None


def _clips(evaluation: InfillEvaluation) -> Iterator[dict[str, str]]:
    """Rows by clip and way; ways that only sound knows have rows of the clips that were filled as sound."""
    sound, true = evaluation.sound, evaluation.flux[TRUTH]
    places = {number: place for place, number in enumerate(sound.numbers)}
    for number, clip in enumerate(evaluation.clips):
        place = places.get(number)
        for way in {**evaluation.errors, **sound.errors}:
            if way in evaluation.errors:
                errors, flux, at = evaluation.errors[way], evaluation.flux[way], number
            elif place is not None:
                errors, flux, at = sound.errors[way], sound.flux[way], place
            else:
                continue
            row = {"clip_id": clip, "way": way}
            row |= {measure: repr(float(getattr(errors, measure)[at])) for measure in MEASURES}
            row |= {_FLUX: repr(float(flux[at])), _TRUE_FLUX: repr(float(true[number])), _SNR: ""}
            if way in sound.snr and place is not None:
                row[_SNR] = repr(float(sound.snr[way][place]))
            yield row
