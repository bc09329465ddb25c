"""Windows of known and of streamed sound: the same ones, everywhere, in constant memory."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from fstmuse.audio.shape import fit_length
from fstmuse.audio.windows import CountedBlocks, window_starts, window_times, windows
from fstmuse.errors import AudioError, SpecError
from fstmuse.spec import AudioSpec

SHAPES = [(1, 1), (7, 1), (7, 3), (8, 4), (8, 8), (16, 5), (16, 15), (60, 25)]


def in_blocks(sound, size):
    return (sound[i : i + size] for i in range(0, len(sound), size))


@pytest.mark.parametrize(
    ("n", "window", "hop", "expected"),
    [
        (10, 10, 5, [0]),
        (4, 10, 5, [0]),
        (11, 10, 5, [0, 1]),
        (15, 10, 5, [0, 5]),
        (16, 10, 5, [0, 5, 6]),
        (20, 10, 10, [0, 10]),
        (29, 10, 10, [0, 10, 19]),
        (204, 100, 50, [0, 50, 100]),
        (205, 100, 50, [0, 50, 100, 105]),
        (104, 100, 100, [0]),
        (105, 100, 100, [0, 5]),
    ],
)
def test_starts_by_hand(n, window, hop, expected):
    assert window_starts(n, window, hop) == expected


@pytest.mark.parametrize(("window", "hop"), [*SHAPES, (40, 40), (60, 13)])
def test_starts_hear_all_but_a_twentieth_of_a_window(window, hop):
    for n in range(1, 4 * window + 3):
        starts = window_starts(n, window, hop)
        heard = np.zeros(n, bool)
        for start in starts:
            heard[start : start + window] = True
        unheard = int((~heard).sum())
        assert heard[: n - unheard].all() and unheard * 20 < window
        assert starts == sorted(set(starts))
        # A window off the grid is there only where a twentieth would stay unheard without it, and ends with the sound.
        assert all(start % hop == 0 for start in starts[:-1])
        if starts[-1] % hop:
            assert starts[-1] + window == n and (starts[-1] - starts[-2]) * 20 >= window


@pytest.mark.parametrize("pad", ["repeat", "zero"])
@pytest.mark.parametrize(("window", "hop"), SHAPES)
def test_stream_equals_the_whole(window, hop, pad):
    spec = AudioSpec(sample_rate=window, seconds=1.0, pad=pad)
    lengths = {*range(1, 3 * window + 2), *(k * hop + window + extra for k in range(6) for extra in (0, 1))}
    for n in sorted(lengths):
        sound = np.arange(1, n + 1, dtype=np.float32)
        expected = [(start, fit_length(sound[start : start + window], spec)) for start in window_starts(n, window, hop)]
        for size in (1, 2, 3, window - 1 or 1, window, window + 1, 2 * window, 5 * window, n):
            # Kept to the end, so that a window overwritten by a later one would show.
            got = list(windows(in_blocks(sound, size), window, hop, pad))
            assert [start for start, _ in got] == [start for start, _ in expected], (n, size)
            for (_, ours), (_, theirs) in zip(got, expected, strict=True):
                assert ours.dtype == np.float32
                np.testing.assert_array_equal(ours, theirs, err_msg=f"{n} samples in blocks of {size}")


def test_stream_of_uneven_and_empty_blocks_of_other_types():
    rng = np.random.default_rng(3)
    sound = rng.standard_normal(5000)
    cuts = np.sort(rng.integers(0, 5000, 40))
    blocks = [*np.split(sound, cuts), np.empty(0, np.float32)]
    got = list(windows(blocks, 700, 300, "repeat"))
    assert [start for start, _ in got] == window_starts(5000, 700, 300)
    for start, window in got:
        np.testing.assert_array_equal(window, sound[start : start + 700].astype(np.float32))


def test_memory_does_not_grow_with_the_sound():
    def peak(seconds):
        blocks = (np.zeros(4096, np.float32) for _ in range(seconds * 16000 // 4096))
        tracemalloc.start()
        for _ in windows(blocks, 16000, 8000, "repeat"):
            pass
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(600) < 1.1 * peak(20)


@pytest.mark.parametrize("pad", ["repeat", "zero"])
def test_empty_sound_is_refused(pad):
    with pytest.raises(AudioError, match="0 samples"):
        window_starts(0, 10, 5)
    with pytest.raises(AudioError, match="0 samples"):
        list(windows([np.empty(0, np.float32)], 10, 5, pad))
    with pytest.raises(AudioError, match="0 samples"):
        list(windows([], 10, 5, pad))


@pytest.mark.parametrize(("window", "hop"), [(0, 1), (10, 0), (10, 11), (10, -1)])
def test_impossible_windows_are_refused_before_any_sound_is_read(window, hop):
    with pytest.raises(SpecError, match="expected"):
        window_starts(100, window, hop)
    with pytest.raises(SpecError, match="expected"):
        windows(iter(()), window, hop, "repeat")


def test_unknown_padding_and_stereo_blocks_are_refused():
    with pytest.raises(SpecError, match="pad='mirror'"):
        windows([], 10, 5, "mirror")
    with pytest.raises(AudioError, match="mono"):
        list(windows([np.zeros((5, 2), np.float32)], 10, 5, "zero"))


def test_counted_blocks_give_the_length_and_the_times():
    blocks = CountedBlocks(in_blocks(np.zeros(25, np.float32), 4))
    starts = [start for start, _ in windows(blocks, 10, 10, "repeat")]
    assert blocks.samples == 25
    times = window_times(starts, 10, blocks.samples, 5)
    np.testing.assert_allclose(times, [[0, 2], [2, 4], [3, 5]])
    # A padded window ends with the sound, not with its padding.
    np.testing.assert_allclose(window_times([0], 10, 7, 5), [[0, 1.4]])
