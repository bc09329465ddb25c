"""Loading in worker processes: order, equality, windows, broken clips, transforms."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.audio import source
from fstmuse.data import pool as pool_module
from fstmuse.data.clip import Clip
from fstmuse.data.loader import load
from fstmuse.errors import DataError
from fstmuse.features.mel import LogMel
from fstmuse.spec import AudioSpec, MelSpec
from tests.data import loader_transforms as transforms
from tests.data.loader_support import CLIPS, RATE, SPEC, make_clips, tone


@pytest.fixture
def root(tmp_path):
    return make_clips(tmp_path)


def plain(rows):
    return [(row.index, row.clip.clip_id, row.samples, row.error, row.array) for row in rows]


def same(one, other):
    assert len(one) == len(other)
    for left, right in zip(plain(one), plain(other), strict=True):
        assert left[:4] == right[:4]
        assert (left[4] is None) == (right[4] is None)
        if left[4] is not None:
            assert left[4].dtype == right[4].dtype
            np.testing.assert_array_equal(left[4], right[4])


def test_same_rows_in_the_same_order_for_any_number_of_workers(root):
    none = list(load(CLIPS, root, SPEC, workers=0))
    assert [row.index for row in none] == list(range(9))
    assert [row.clip for row in none] == CLIPS
    for number in (1, 3):
        same(none, list(load(CLIPS, root, SPEC, workers=number)))


def test_windows_and_true_lengths(root):
    rows = list(load(CLIPS, root, SPEC, workers=2))
    for number, row in enumerate(rows):
        if number == 4:
            continue
        length = min(round((0.1 + 0.05 * number) * RATE), SPEC.samples)
        assert row.samples == length
        assert row.array.shape == (SPEC.samples,) and row.array.dtype == np.float32
        expected = np.resize(tone((number + 1) / 10, 0.1 + 0.05 * number), SPEC.samples)
        np.testing.assert_allclose(row.array[:length], expected[:length], atol=1e-6)
        if length < SPEC.samples:
            np.testing.assert_allclose(row.array[length:], row.array[: SPEC.samples - length])


def test_start_and_duration_of_the_clip_are_heeded(root):
    clip = Clip("part", "clip 8.wav", start_s=0.1, duration_s=0.05)
    (row,) = load([clip], root, AudioSpec(RATE, 0.25, pad="zero"), workers=1)
    assert row.samples == 400
    np.testing.assert_allclose(row.array[:400], tone(0.9, 0.5)[800:1200], atol=1e-6)
    assert not row.array[400:].any()


def test_resampled_window_is_full_without_padding(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(0.5, 2, 44100), 44100)
    (row,) = load([Clip("a", "a.wav")], tmp_path, AudioSpec(22050, 1.00003), workers=0)
    assert row.samples == row.array.shape[0] == round(22050 * 1.00003)


def test_broken_and_missing_clips_are_rows_with_an_error(root):
    clips = [CLIPS[4], Clip("lost", "no such.wav"), CLIPS[0]]
    for workers in (0, 2):
        broken, lost, good = load(clips, root, SPEC, workers=workers)
        assert broken.array is None and broken.samples == 0
        assert "clip 4.wav" in broken.error
        assert "no such.wav" in lost.error
        assert (broken.retryable, lost.retryable, good.retryable) == (False, True, False)
        assert good.error is None and good.array is not None


@pytest.mark.parametrize("level", [0.0, 0.25])
def test_silence_is_a_row_with_an_error(tmp_path, level):
    silence = np.full(RATE, level, np.float32)
    soundfile.write(tmp_path / "silent.wav", silence, RATE, subtype="FLOAT")
    silence[4001] = 0.5
    soundfile.write(tmp_path / "click.wav", silence, RATE, subtype="FLOAT")
    # The click lies just behind the first window of 0.5 s, and in the second one.
    clips = [Clip("a", "silent.wav"), Clip("b", "click.wav"), Clip("c", "click.wav", start_s=0.25)]
    for workers in (0, 2):
        silent, before, heard = load(clips, tmp_path, AudioSpec(RATE, 0.5), workers=workers)
        assert silent.array is None and silent.samples == 0 and not silent.retryable
        assert re.match(r".*/silent.wav: 0.50 s from 0 s on are silent from beginning to end; .*bad\.$", silent.error)
        assert "silent from beginning to end" in before.error
        assert heard.error is None and heard.array.shape == (4000,)


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), True),
        (OSError(errno.EIO, "Input/output error"), True),
        (FileNotFoundError(errno.ENOENT, "No such file"), True),
        (OSError(errno.ELOOP, "Too many links"), False),
        (MemoryError(), True),
        (ValueError("damaged"), False),
    ],
)
def test_errors_of_the_system_are_told_from_those_of_the_file(root, monkeypatch, error, retryable):
    def fail(path):
        raise error

    monkeypatch.setattr(source, "survey", fail)
    (row,) = load(CLIPS[:1], root, SPEC, workers=0)
    assert row.error and row.retryable is retryable


def test_an_error_that_the_caller_handles_is_not_taken_for_the_clips_own(root):
    try:
        raise FileNotFoundError(errno.ENOENT, "of the caller")
    except FileNotFoundError:
        broken, lost = load([CLIPS[4], Clip("lost", "no such.wav")], root, SPEC, workers=0)
    assert broken.error and not broken.retryable
    assert lost.retryable


def test_transforms_run_in_the_workers_not_here(root):
    clips = [clip for clip in CLIPS if clip.clip_id != "c4"]
    pids = {int(row.array[0]) for row in load(clips, root, SPEC, workers=2, transform=transforms.Pid())}
    assert len(pids) == 2 and os.getpid() not in pids


def test_transform_of_another_type_and_shape(root):
    rows = list(load(CLIPS[:3], root, SPEC, workers=2, transform=transforms.Halve()))
    assert all(row.array.dtype == np.float16 for row in rows)
    np.testing.assert_allclose(rows[2].array[0], 0.15, atol=1e-3)


def test_array_larger_than_a_slot_comes_all_the_same(root):
    same(
        list(load(CLIPS, root, SPEC, workers=0, transform=transforms.Grow())),
        list(load(CLIPS, root, SPEC, workers=2, transform=transforms.Grow())),
    )


def test_works_through_pipes_where_shared_memory_is_short(root, monkeypatch):
    sizes = []
    real = pool_module.shared_memory

    def short(size):
        sizes.append(size)
        return None if len(sizes) == 1 else real(size)

    monkeypatch.setattr(pool_module, "shared_memory", short)
    same(list(load(CLIPS, root, SPEC, workers=2)), list(load(CLIPS, root, SPEC, workers=0)))
    assert len(sizes) == 2 and sizes[1] < sizes[0]


def test_more_shared_memory_than_there_is_is_not_had():
    if not Path("/dev/shm").is_dir():
        pytest.skip("no /dev/shm here")
    status = os.statvfs("/dev/shm")
    assert pool_module.shared_memory(2 * status.f_frsize * status.f_blocks) is None


def test_log_mels_are_bit_equal_with_and_without_workers(root):
    mel = LogMel(MelSpec(RATE, 512, 128, 40, 0.0, 4000.0))
    same(
        list(load(CLIPS, root, SPEC, workers=0, transform=mel)),
        list(load(CLIPS, root, SPEC, workers=2, transform=mel)),
    )


def test_arrays_may_be_kept_and_changed(root):
    clips = [clip for clip in CLIPS if clip.clip_id != "c4"] * 4
    for workers in (0, 2):
        for row in load(clips[:2], root, SPEC, workers=workers):
            row.array[:] = 0
    rows = [(row.clip.clip_id, row.array, row.array.copy()) for row in load(clips, root, SPEC, workers=2)]
    for clip_id, array, then in rows:
        np.testing.assert_array_equal(array, then)
        assert abs(array[0] - (int(clip_id[1:]) + 1) / 10) < 1e-5


def test_error_inside_a_transform_is_named(root):
    for workers in (0, 1):
        (row,) = load(CLIPS[:1], root, SPEC, workers=workers, transform=transforms.Fail())
        assert "clip 0.wav" in row.error and "ZeroDivisionError: one by none" in row.error


def test_what_cannot_be_sent_to_a_worker_is_refused(root):
    with pytest.raises(DataError, match=r"cannot be sent to a worker process.*workers=0"):
        list(load(CLIPS, root, SPEC, workers=1, transform=lambda waveform: waveform))
    assert len(list(load(CLIPS, root, SPEC, workers=0, transform=lambda waveform: waveform))) == 9


def test_negative_workers_are_refused_at_once(root):
    with pytest.raises(DataError, match="workers=-1"):
        load(CLIPS, root, SPEC, workers=-1)


def test_no_clips():
    assert list(load([], ".", SPEC, workers=2)) == []


def test_progress_counts_every_clip(root):
    calls = []
    list(load(CLIPS, root, SPEC, workers=2, progress=lambda done, total: calls.append((done, total))))
    assert calls == [(n, 9) for n in range(1, 10)]
