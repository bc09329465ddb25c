"""The files of an evaluation of gaps: metrics, clips, the curve over widths, skipped clips."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fstmuse.data.csv_rows import write_rows
from fstmuse.inference.evaluation_folder import replacing, write_tables
from fstmuse.inference.infill_evaluation import TRUTH, InfillEvaluation
from fstmuse.tasks.gap_figure import widths_figure
from fstmuse.tasks.gap_metrics import MEASURES

CURVE, CURVE_FIGURE = "widths.csv", "widths.png"

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
    with replacing(folder):
        curve = evaluation.curve()
        rows = [{key: str(value) for key, value in row.items()} for row in curve]
        write_rows(folder / CURVE, ("width", "way", *MEASURES, "n"), rows)
        title = f"{evaluation.card.name} on {evaluation.data} {evaluation.split} ({len(evaluation.on_curve)} clips)"
        widths_figure(curve, evaluation.card.mel, folder / CURVE_FIGURE, title)
        columns = (*MEASURES, _FLUX, _TRUE_FLUX, _SNR)
        write_tables(evaluation, folder, columns, _clips(evaluation), {"widths": curve})


def _clips(evaluation: InfillEvaluation) -> Iterator[dict[str, Any]]:
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
            row |= {measure: float(getattr(errors, measure)[at]) for measure in MEASURES}
            row |= {_FLUX: float(flux[at]), _TRUE_FLUX: float(true[number]), _SNR: ""}
            if way in sound.snr and place is not None:
                row[_SNR] = float(sound.snr[way][place])
            yield row
