"""How well gaps are filled: errors in dB, joins, and the simple ways that every network is measured beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fstmuse.errors import DataError

RANGE_DB = 80.0
"""Pictures are compared down to this far below the loudest value of their clip."""

RESAMPLES = 10_000
MEASURES = ("rmse", "mae", "lsd")
OURS, LINEAR, LPC = "network", "linear interpolation", "LPC"

LEAST_FLUX_DB = 0.1
"""Of a clip, for what is relative to it: where nothing changes, any join would be endlessly worse."""


def in_range(picture: np.ndarray, like: np.ndarray | None = None) -> np.ndarray:
    """A picture without what lies further than `RANGE_DB` below the clip's loudest value.

    Args:
        picture: float32 (frames, mels) in dB.
        like: the picture whose loudest value counts, above which `picture` is cut, too; None: itself.
    """
    top = float((picture if like is None else like).max())
    return np.clip(picture, top - RANGE_DB, top)


def _hold(picture: np.ndarray, start: int, stop: int) -> np.ndarray:
    return np.repeat(picture[start - 1 : start], stop - start, axis=0)


def _linear(picture: np.ndarray, start: int, stop: int) -> np.ndarray:
    share = (np.arange(1, stop - start + 1) / (stop - start + 1))[:, None]
    return picture[start - 1] + (picture[stop] - picture[start - 1]) * share


def _mean(picture: np.ndarray, start: int, stop: int) -> np.ndarray:
    mean = np.delete(picture, np.s_[start:stop], axis=0).mean(axis=0)
    return np.repeat(mean[None], stop - start, axis=0)


def _repeat(picture: np.ndarray, start: int, stop: int) -> np.ndarray:
    return np.resize(picture[max(0, 2 * start - stop) : start], (stop - start, picture.shape[1]))


BASELINES: dict[str, Callable[[np.ndarray, int, int], np.ndarray]] = {
    LINEAR: _linear,
    "hold": _hold,
    "clip mean": _mean,
    "repeat": _repeat,
}
"""From a picture (frames, mels) in dB and the gap's first frame and the one after its last, both inside the picture
with a known frame on either side, to what fills the gap: a line between the frames at its edges, the frame before it,
the mean of all known frames, or the frames before it once more."""


@dataclass(frozen=True, eq=False)
class GapErrors:
    """Errors of one way to fill the same gap of many clips, a value for each clip.

    Args:
        mae: float64 (clips,) mean absolute error, dB.
        mse: float64 (clips,) mean squared error, dB^2.
        lsd: float64 (clips,) log-spectral distance: mean over frames of the root of the mean over bands of the
            squared difference, dB.
    """

    mae: np.ndarray
    mse: np.ndarray
    lsd: np.ndarray

    @property
    def rmse(self) -> np.ndarray:
        """Root of the mean squared error of each clip, dB."""
        return np.sqrt(self.mse)

    def pooled(self) -> dict[str, float]:
        """Over all values of all clips; the RMSE is the root of the mean over all of them."""
        return {
            "rmse": float(np.sqrt(self.mse.mean())),
            "mae": float(self.mae.mean()),
            "lsd": float(self.lsd.mean()),
        }

    def of(self, numbers: Sequence[int]) -> GapErrors:
        """The errors of some of the clips."""
        chosen = list(numbers)
        return GapErrors(self.mae[chosen], self.mse[chosen], self.lsd[chosen])


def gap_errors(truths: Sequence[np.ndarray], filled: Sequence[np.ndarray]) -> GapErrors:
    """Compares what was in gaps with what they were filled with.

    Args:
        truths: float (gap's frames, mels) in dB, one for each clip.
        filled: likewise.

    Raises:
        DataError: there is no clip, or shapes differ.
    """
    if not truths or [np.shape(one) for one in truths] != [np.shape(one) for one in filled]:
        raise DataError(
            f"Received {len(truths)} gaps and {len(filled)} fillings; expected one of the same shape for each, and one "
            "at least."
        )
    differences = [np.subtract(one, other, dtype=np.float64) for one, other in zip(filled, truths, strict=True)]
    return GapErrors(
        mae=np.array([np.abs(one).mean() for one in differences]),
        mse=np.array([np.square(one).mean() for one in differences]),
        lsd=np.array([np.sqrt(np.square(one).mean(axis=1)).mean() for one in differences]),
    )


def boundary_flux(picture: np.ndarray, start: int, stop: int, filled: np.ndarray | None = None) -> float:
    """How much a clip changes where its gap begins and ends, relative to how much it changes anywhere.

    Flux is the root of the mean over bands of the squared difference of neighbouring frames, in dB.

    Args:
        picture: float (frames, mels) in dB, as it truly is.
        start: first frame of the gap, at least 1.
        stop: the one after its last, within the picture.
        filled: float (stop - start, mels), what fills the gap; None: the truth.

    Returns:
        The mean of the flux over the two joins, divided by the median flux of the true picture. About 1 where the
        clip goes on as it does elsewhere; less where it is smoother, more where a break is heard.
    """
    flux = _flux(picture)
    inside = picture[start:stop] if filled is None else filled
    joins = [_flux(np.stack(pair))[0] for pair in ((picture[start - 1], inside[0]), (inside[-1], picture[stop]))]
    return float(np.mean(joins) / max(float(np.median(flux)), LEAST_FLUX_DB))


def _flux(picture: np.ndarray) -> np.ndarray:
    return np.sqrt(np.square(np.diff(picture, axis=0), dtype=np.float64).mean(axis=1))


def signal_to_noise(true: np.ndarray, filled: np.ndarray) -> float:
    """SNR of a gap in sound.

    Args:
        true: float (samples,), what was there; not silent throughout.
        filled: likewise, what was put there.

    Returns:
        In dB, at most 300: 0 for silence, more for what resembles the truth sample by sample, phases included.
    """
    true, error = np.asarray(true, np.float64), np.subtract(filled, true, dtype=np.float64)
    power = np.square(true).sum()
    return float(10 * np.log10(power / max(np.square(error).sum(), 1e-30 * power)))


def intervals(errors: GapErrors, resamples: int = RESAMPLES, seed: int = 0) -> dict[str, tuple[float, float]]:
    """95 % percentile bootstrap intervals of `pooled`, clips drawn with replacement."""
    n = len(errors.mae)
    # How often each clip is drawn: as good as the draws themselves, and a matrix product instead of a loop.
    counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=resamples) / n
    ends = {
        "rmse": np.sqrt(np.quantile(counts @ errors.mse, (0.025, 0.975))),
        "mae": np.quantile(counts @ errors.mae, (0.025, 0.975)),
        "lsd": np.quantile(counts @ errors.lsd, (0.025, 0.975)),
    }
    return {name: (float(low), float(high)) for name, (low, high) in ends.items()}


def p_values(ours: GapErrors, theirs: GapErrors) -> dict[str, float]:
    """Two-sided p of Wilcoxon's signed-rank test on the clips' errors, paired by clip; 1 where no clip differs."""
    from scipy.stats import wilcoxon

    found = {}
    for name in MEASURES:
        one, other = getattr(ours, name), getattr(theirs, name)
        found[name] = float(wilcoxon(one, other).pvalue) if np.any(one != other) else 1.0
    return found


def compared(ours: GapErrors, others: Mapping[str, GapErrors]) -> dict[str, dict[str, float]]:
    """The figures of other ways on the same clips, with the p of the difference as `p_MEASURE`."""
    return {
        name: errors.pooled() | {f"p_{measure}": p for measure, p in p_values(ours, errors).items()}
        for name, errors in others.items()
    }
