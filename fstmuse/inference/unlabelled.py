"""By task: what measures networks that give no labels, what writes that, and the figure of it to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fstmuse.inference.continue_evaluation import evaluate_continue
from fstmuse.inference.continue_evaluation_files import LAGS_FIGURE, write_continue_evaluation
from fstmuse.inference.generate_evaluation import evaluate_generate
from fstmuse.inference.generate_evaluation_files import BESIDE_FIGURE, write_generate_evaluation
from fstmuse.inference.infill_evaluation import evaluate_infill
from fstmuse.inference.infill_evaluation_files import CURVE_FIGURE, write_infill_evaluation
from fstmuse.inference.likelihood_evaluation import evaluate_likelihood, write_likelihood_evaluation
from fstmuse.inference.vocoder_evaluation import FIGURE, evaluate_vocoder, write_vocoder_evaluation

EVALUATIONS: dict[str, tuple[Callable[..., Any], Callable[..., None], str]] = {
    "infill": (evaluate_infill, write_infill_evaluation, CURVE_FIGURE),
    "continue": (evaluate_continue, write_continue_evaluation, LAGS_FIGURE),
    "generate": (evaluate_generate, write_generate_evaluation, BESIDE_FIGURE),
    "vocode": (evaluate_vocoder, write_vocoder_evaluation, FIGURE),
}

LIKELIHOOD: tuple[Callable[..., Any], Callable[..., None], str] = (
    evaluate_likelihood,
    write_likelihood_evaluation,
    "",
)
"""What the end of a training measures of networks that draw in turn: all else takes a while."""
