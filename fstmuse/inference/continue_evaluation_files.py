"""The files of an evaluation of going on: metrics, clips, the curve over the frames after the end, skipped clips."""

from __future__ import annotations

import json
from pathlib import Path

from fstmuse.data.csv_rows import write_rows
from fstmuse.errors import DataError
from fstmuse.inference.continue_evaluation import ContinueEvaluation
from fstmuse.tasks.gap_figure import lags_figure
from fstmuse.tasks.gap_metrics import MEASURES

METRICS, CLIPS, LAGS, LAGS_FIGURE, SKIPPED = "metrics.json", "clips.csv", "lags.csv", "lags.png", "skipped.csv"


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
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / METRICS).unlink(missing_ok=True)
        rows = [
            {"clip_id": clip, "way": name} | {measure: repr(float(getattr(errors, measure)[n])) for measure in MEASURES}
            for n, clip in enumerate(evaluation.clips)
            for name, errors in evaluation.errors.items()
        ]
        write_rows(folder / CLIPS, ("clip_id", "way", *MEASURES), rows)
        rows = [{key: str(value) for key, value in row.items()} for row in evaluation.curve]
        write_rows(folder / LAGS, ("lag", "way", *MEASURES), rows)
        columns = ("clip_id", "path", "reason")
        write_rows(folder / SKIPPED, columns, [dict(zip(columns, row, strict=True)) for row in evaluation.skipped])
        title = f"{evaluation.card.name} on {evaluation.data} {evaluation.split} ({len(evaluation.clips)} clips)"
        lags_figure(evaluation.curve, evaluation.card.mel, folder / LAGS_FIGURE, title)
        text = json.dumps(evaluation.as_dict() | {"lags": evaluation.curve}, indent=2, ensure_ascii=False)
        (folder / METRICS).write_text(text + "\n", "utf-8")
    except OSError as error:
        raise DataError(
            f"{error.filename or folder}: cannot be written ({error.strerror or error}). Choose another place by --out."
        ) from None
