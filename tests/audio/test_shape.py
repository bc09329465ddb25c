"""Windows of the length that a network hears."""

from __future__ import annotations

import numpy as np
import pytest

from fstmuse.audio.shape import fit_length
from fstmuse.errors import AudioError
from fstmuse.spec import AudioSpec


def test_long_sound_is_cut_at_the_end() -> None:
    assert fit_length(np.arange(10.0), AudioSpec(4, 1.0)).tolist() == [0, 1, 2, 3]


def test_short_sound_is_played_again() -> None:
    assert fit_length(np.array([1.0, 2.0, 3.0]), AudioSpec(8, 1.0)).tolist() == [1, 2, 3, 1, 2, 3, 1, 2]


def test_short_sound_is_followed_by_silence() -> None:
    assert fit_length(np.array([1.0, 2.0, 3.0]), AudioSpec(5, 1.0, pad="zero")).tolist() == [1, 2, 3, 0, 0]


@pytest.mark.parametrize("pad", ["repeat", "zero"])
@pytest.mark.parametrize("length", [1, 7, 8, 9])
def test_result_is_contiguous_float32(pad: str, length: int) -> None:
    fitted = fit_length(np.ones(2 * length, np.float64)[::2], AudioSpec(8, 1.0, pad=pad))
    assert fitted.dtype == np.float32 and fitted.shape == (8,) and fitted.flags.c_contiguous


def test_nothing_and_stereo_are_refused() -> None:
    with pytest.raises(AudioError, match="0 samples; expected at least 1 to fill 8"):
        fit_length(np.zeros(0, np.float32), AudioSpec(8, 1.0))
    with pytest.raises(AudioError, match=r"shape \(4, 2\)"):
        fit_length(np.zeros((4, 2), np.float32), AudioSpec(8, 1.0))
