"""The files of an evaluation of going on: metrics, clips, the curve over the frames after the end, skipped clips."""

from __future__ import annotations

from pathlib import Path

from fstmuse.data.csv_rows import write_rows
from fstmuse.inference.continue_evaluation import ContinueEvaluation
from fstmuse.inference.evaluation_folder import replacing, write_tables
from fstmuse.tasks.gap_figure import lags_figure
from fstmuse.tasks.gap_metrics import MEASURES

LAGS, LAGS_FIGURE = "lags.csv", "lags.png"


def write_continue_evaluation(evaluation: ContinueEvaluation, folder: Path) -> None:
    """Writes an evaluation; files of an earlier one in the same folder are replaced.

    - `metrics.json`: figures with protocol, n, manifest hash, and the curve; written last, so that it stands for a
      whole set.
    - `clips.csv`: errors of each clip in each way.
    - `lags.csv`, `lags.png`: figures of each frame after the end.
    - `skipped.csv`: clips that could not be measured, and why.

    Raises:
        DataError: the folder cannot be written.
    """
    with replacing(folder):
        rows = [{key: str(value) for key, value in row.items()} for row in evaluation.curve]
        write_rows(folder / LAGS, ("lag", "way", *MEASURES), rows)
        title = f"{evaluation.card.name} on {evaluation.data} {evaluation.split} ({len(evaluation.clips)} clips)"
        lags_figure(evaluation.curve, evaluation.card.mel, folder / LAGS_FIGURE, title)
        rows = (
            {"clip_id": clip, "way": name} | {measure: float(getattr(errors, measure)[n]) for measure in MEASURES}
            for n, clip in enumerate(evaluation.clips)
            for name, errors in evaluation.errors.items()
        )
        write_tables(evaluation, folder, MEASURES, rows, {"lags": evaluation.curve})
