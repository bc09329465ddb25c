"""The cache: what it holds, when it is used again, and that kills, second runs and full disks do it no harm."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.data import cache as cache_module
from fstmuse.data import cache_reader, shards
from fstmuse.data.cache import prepare
from fstmuse.data.manifest import Manifest
from fstmuse.errors import DataError, SpecError
from fstmuse.features.mel import LogMel
from fstmuse.spec import AudioSpec, MelSpec
from tests.data import cache_support, make_cache
from tests.data.cache_support import COUNT, RATE, contents, sound, times

SPEC = AudioSpec(RATE, 0.1)
MEL = MelSpec(RATE, 256, 80, 20, 0.0, 4000.0)


@pytest.fixture
def root(tmp_path):
    return cache_support.make_clips(tmp_path / "audio")


@pytest.fixture
def manifest():
    return cache_support.make_manifest()


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    monkeypatch.setattr(cache_module, "SHARD_BYTES", make_cache.ROWS * SPEC.samples * 2)


def good() -> list[int]:
    return [number for number in range(COUNT) if number not in (5, 6)]


def test_waveforms_are_kept_as_int16(root, manifest, tmp_path):
    cache = prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)
    assert cache.ids == [f"c{number:02d}" for number in good()]
    assert cache.shape == (800,) and cache.dtype == np.int16 and len(cache) == 21
    assert len(list(cache.folder.glob("*.npy"))) == 6
    for position, number in enumerate(good()):
        expected = np.resize(sound(number)[:800], 800).clip(-1, 1)
        assert cache.row(position).dtype == np.int16
        np.testing.assert_allclose(cache.floats([position])[0], expected, atol=0.6 / 32767)
    assert cache.samples.tolist() == [500 if number == 7 else 800 for number in good()]


def test_log_mels_are_kept_as_float16(root, manifest, tmp_path):
    mel = LogMel(MEL)
    cache = prepare(manifest, root, SPEC, kind="log-mel", mel=mel, cache_dir=tmp_path / "cache", workers=0)
    assert cache.shape == (10, 20) and cache.dtype == np.float16
    for position, number in enumerate(good()):
        expected = mel(np.resize(sound(number)[:800], 800))
        np.testing.assert_allclose(cache.floats([position])[0], expected, atol=0.04)


def test_pictures_without_a_logarithm_are_kept_in_single_precision(root, manifest, tmp_path):
    mel = LogMel(replace(MEL, log="none"))
    cache = prepare(manifest, root, SPEC, kind="log-mel", mel=mel, cache_dir=tmp_path / "cache", workers=0)
    assert cache.dtype == np.float32
    np.testing.assert_array_equal(cache.row(0), mel(sound(0)[:800]))


def test_workers_make_the_same_files(root, manifest, tmp_path):
    for workers in (0, 2):
        prepare(
            manifest,
            root,
            SPEC,
            kind="log-mel",
            mel=LogMel(MEL),
            cache_dir=tmp_path / str(workers),
            workers=workers,
        )
    one, two = contents(tmp_path / "0"), contents(tmp_path / "2")
    assert one == two and len(one) == 7  # two shards and their notes, index, list of bad clips, lock


def test_rows_in_any_order_with_repeats(root, manifest, tmp_path):
    cache = prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path, workers=0)
    wanted = [20, 0, 7, 7, 12, 1]
    rows = cache.floats(np.array(wanted))
    assert rows.dtype == np.float32 and rows.shape == (6, 800)
    for row, position in zip(rows, wanted, strict=True):
        np.testing.assert_allclose(row, cache.row(position) / 32767, atol=1e-6)
    assert cache.floats([]).shape == (0, 800)
    with pytest.raises(IndexError):
        cache.row(21)
    with pytest.raises(ValueError):
        cache.row(0)[0] = 1  # a view of the file, not to be written to


def test_bad_clips_are_listed_with_reasons(root, manifest, tmp_path):
    cache = prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)
    (five, six) = cache.bad
    assert five[:2] == ("c05", "05.wav") and "05.wav" in five[2]
    assert six == ("c06", "06.wav", "known: too quiet")
    with (cache.folder / "bad_clips.csv").open(newline="", encoding="utf-8") as file:
        assert [tuple(row) for row in csv.reader(file)] == [("clip_id", "path", "reason"), five, six]


def test_positions_leave_bad_clips_out_and_refuse_unknown_ones(root, manifest, tmp_path):
    cache = prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path, workers=0)
    assert cache.positions(["c22", "c05", "c00", "c07"]).tolist() == [20, 0, 5]
    with pytest.raises(DataError, match=r"'c0x' is not in the cache .*small set"):
        cache.positions(["c0x"])


def test_a_finished_cache_is_used_again_with_other_labels(root, manifest, tmp_path):
    first = prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)
    before = times(first.folder)
    other = Manifest("small set", tuple(replace(clip, labels=("b", "c"), split="test") for clip in manifest.clips))
    calls = []
    second = prepare(
        other,
        root,
        SPEC,
        kind="waveform",
        cache_dir=tmp_path / "cache",
        workers=0,
        progress=lambda *counts: calls.append(counts),
    )
    assert second.folder == first.folder and times(second.folder) == before
    assert calls == [(22, 22)]
    assert second.manifest is other
    np.testing.assert_array_equal(first.floats(range(21)), second.floats(range(21)))


def test_whatever_changes_the_arrays_makes_another_cache(root, manifest, tmp_path):
    def folder(manifest=manifest, spec=SPEC, kind="waveform", mel=None):
        return prepare(manifest, root, spec, kind=kind, mel=mel, cache_dir=tmp_path / "cache", workers=0).folder.name

    def changed(**fields):
        return Manifest("small set", (replace(manifest.clips[0], **fields), *manifest.clips[1:]))

    folders = [
        folder(),
        folder(changed(start_s=0.01)),
        folder(changed(duration_s=0.05)),
        folder(changed(path="01.wav")),
        folder(changed(checksum="sha1:" + "0" * 40)),
        folder(changed(status="bad")),
        folder(spec=AudioSpec(RATE, 0.05)),
        folder(spec=AudioSpec(RATE, 0.1, pad="zero")),
        folder(kind="log-mel", mel=LogMel(MEL)),
        folder(kind="log-mel", mel=LogMel(replace(MEL, n_mels=10))),
    ]
    soundfile.write(root / "00.wav", sound(3), RATE)
    folders.append(folder())
    (root / "01.wav").unlink()
    folders.append(folder())
    assert len(set(folders)) == len(folders)
    assert folder() == folders[-1]


def test_a_clip_that_was_missing_is_found_once_it_is_there(root, manifest, tmp_path):
    sure = Manifest("sure", tuple(replace(clip, checksum="sha1:" + "0" * 40) for clip in manifest.clips))
    (root / "03.wav").rename(root / "away")
    assert len(prepare(sure, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)) == 20
    (root / "away").rename(root / "03.wav")
    assert len(prepare(sure, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)) == 21


@pytest.mark.parametrize("damage", ["cut", "lost", "no index", "torn note"])
def test_damage_is_mended_without_redoing_the_rest(root, manifest, tmp_path, damage):
    first = prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)
    whole, before = contents(first.folder), times(first.folder)
    target = first.folder / "rows-00002.npy"
    if damage == "cut":
        os.truncate(target, 1000)
    elif damage == "lost":
        target.unlink()
    elif damage == "torn note":
        os.truncate(first.folder / "rows-00002.json", 20)
    else:
        (first.folder / "index.json").unlink()
    second = prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)
    assert contents(second.folder) == whole
    redone = {name for name, when in times(second.folder).items() if before[name] != when}
    assert redone == (set() if damage == "no index" else {"rows-00002.npy"})


def test_every_clip_failing_is_an_error_with_reasons_and_is_tried_again(root, manifest, tmp_path):
    kept = tmp_path / "kept"
    shutil.copytree(root, kept)
    sure = Manifest("sure", tuple(replace(clip, checksum="sha1:" + "0" * 40) for clip in manifest.clips))
    for path in root.iterdir():
        path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(DataError, match=r"None of 22 clips could be decoded. .*00.wav.*01.wav.*02.wav.*19 more"):
        prepare(sure, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)
    for path in kept.iterdir():
        shutil.copy(path, root)
    assert len(prepare(sure, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)) == 21


def test_a_shard_without_a_good_clip(root, manifest, tmp_path):
    for number in range(4):
        (root / f"{number:02d}.wav").write_bytes(b"no")
    cache = prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)
    assert cache.ids[0] == "c04" and len(cache.bad) == 6
    assert not (cache.folder / "rows-00000.npy").exists()
    np.testing.assert_allclose(cache.floats([0])[0], sound(4)[:800], atol=1e-4)
    assert len(prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)) == len(cache)


def test_too_little_disk_is_refused_before_anything_is_decoded(root, manifest, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1000))
    calls = []
    with pytest.raises(DataError, match=r"needs 1,084,128 bytes, 1,000 are free.*FSTMUSE_CACHE"):
        prepare(
            manifest, root, SPEC, kind="waveform", cache_dir=tmp_path / "c", progress=lambda *now: calls.append(now)
        )
    assert calls == []


def test_a_disk_that_fills_up_on_the_way_keeps_what_is_done(root, manifest, tmp_path, monkeypatch):
    real = shards.write_whole

    def full(path, write):
        if path.name == "rows-00003.npy":
            raise OSError(28, "No space left on device")
        real(path, write)

    monkeypatch.setattr(shards, "write_whole", full)
    with pytest.raises(DataError, match=r"No space left on device.*what is done is kept"):
        prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)
    monkeypatch.setattr(shards, "write_whole", real)
    folder = next((tmp_path / "cache").glob("small_set-*-*[0-9a-f]"))
    before = times(folder)
    assert len(before) == 3
    prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)
    assert {name: times(folder)[name] for name in before} == before


def test_a_place_that_cannot_be_written_to(root, manifest, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DataError, match=r"cannot be written.*FSTMUSE_CACHE"):
        prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path / "file", workers=0)


def test_wrong_requests_are_refused(root, manifest, tmp_path):
    with pytest.raises(DataError, match=r"Unknown kind of cache 'log-mels'. Did you mean 'log-mel'\?"):
        prepare(manifest, root, SPEC, kind="log-mels", cache_dir=tmp_path)
    with pytest.raises(SpecError, match=r"mel=LogMel\(spec\)"):
        prepare(manifest, root, SPEC, kind="log-mel", cache_dir=tmp_path)
    with pytest.raises(SpecError, match=r"mel=LogMel\(spec\)"):
        prepare(manifest, root, SPEC, kind="log-mel", mel=MEL, cache_dir=tmp_path)
    with pytest.raises(SpecError, match="8000 Hz, mel spectrogram for 16000 Hz"):
        other = LogMel(MelSpec(16000, 256, 80, 20, 0.0, 4000.0))
        prepare(manifest, root, SPEC, kind="log-mel", mel=other, cache_dir=tmp_path)
    with pytest.raises(DataError, match="none of its 1 clips has status ok"):
        prepare(Manifest("all bad", (manifest.clips[6],)), root, SPEC, kind="waveform", cache_dir=tmp_path)


def test_default_place_is_the_cache_folder(root, manifest):
    cache = prepare(manifest, root, SPEC, kind="waveform", workers=0)
    assert cache.folder.parent == Path(os.environ["FSTMUSE_CACHE"])


def test_readable_without_tensorflow(root, manifest, tmp_path):
    code = (
        "import sys; import fstmuse.data.cache, fstmuse.data.cache_reader;"
        "sys.exit(bool({'tensorflow', 'keras', 'librosa', 'pandas'} & set(sys.modules)))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    assert subprocess.run([sys.executable, "-c", code], check=False, env=environment).returncode == 0


def test_a_file_that_vanishes_while_the_cache_is_in_use(root, manifest, tmp_path):
    cache = prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)
    (cache.folder / "rows-00005.npy").unlink()
    with pytest.raises(DataError, match=r"rows-00005.npy: cannot be read.*Delete the folder"):
        cache.row(20)
    assert cache_reader.read_cache(cache.folder, manifest, "another key") is None
