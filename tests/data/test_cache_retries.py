"""Clips that failed for want of memory, a permission or a disk are tried again; those that are damaged are not."""

from __future__ import annotations

import csv
import errno
import logging

import numpy as np
import pytest
import soundfile

from fstmuse.audio import source
from fstmuse.data import cache as cache_module
from fstmuse.data import shards
from fstmuse.data.cache import prepare
from fstmuse.features.mel import LogMel
from fstmuse.spec import MelSpec
from tests.data import cache_support, make_cache
from tests.data.cache_support import RATE, contents
from tests.data.loader_transforms import Starving

SPEC = make_cache.SPEC


@pytest.fixture
def root(tmp_path):
    return cache_support.make_clips(tmp_path / "audio")


@pytest.fixture
def manifest():
    return cache_support.make_manifest()


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    monkeypatch.setattr(cache_module, "SHARD_BYTES", make_cache.ROWS * SPEC.samples * 2)


@pytest.fixture
def decoded(monkeypatch):
    """The clips that were asked of the loader, run by run."""
    asked = []
    real = cache_module.load

    def load(clips, *arguments, **options):
        asked.append([clip.clip_id for clip in clips])
        return real(clips, *arguments, **options)

    monkeypatch.setattr(cache_module, "load", load)
    return asked


@pytest.fixture
def denied(monkeypatch):
    """Names of files that the system does not give, each with the number of its error."""
    numbers = {}
    real = source.survey

    def survey(path):
        if path.name in numbers:
            raise OSError(numbers[path.name], "not now")
        return real(path)

    monkeypatch.setattr(source, "survey", survey)
    return numbers


@pytest.fixture
def make(root, manifest, tmp_path):
    def make(folder="cache", **options):
        options = {"kind": "waveform", "workers": 0, **options}
        return prepare(manifest, root, SPEC, cache_dir=tmp_path / folder, **options)

    return make


def same(one, other):
    assert one.ids == other.ids and one.bad == other.bad
    np.testing.assert_array_equal(one.samples, other.samples)
    np.testing.assert_array_equal(one.floats(range(len(one))), other.floats(range(len(other))))


def test_a_clip_whose_worker_was_killed_is_tried_again(make, tmp_path, decoded):
    mel = LogMel(MelSpec(RATE, 256, 80, 20, 0.0, 4000.0))
    starving = Starving(mel, tmp_path / "memory")
    first = make(kind="log-mel", mel=starving, workers=2)
    assert [bad[0] for bad in first.bad] == ["c05", "c06", "c08"] and first.retryable == {"c08"}
    assert "SIGKILL" in first.bad[2][2] and len(first) == 20
    (tmp_path / "memory").touch()
    second = make(kind="log-mel", mel=starving, workers=2)
    assert second.folder == first.folder and decoded[1:] == [["c08"]]
    same(second, make("undisturbed", kind="log-mel", mel=mel))
    assert not second.retryable


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.ENOENT])
def test_clips_that_can_be_read_again_join_the_finished_cache(make, denied, decoded, number):
    late = ["c01", "c02", "c07", "c12", "c20", "c22"]  # more than one shard holds
    denied |= {f"{clip_id[1:]}.wav": number for clip_id in late}
    first = make()
    assert len(first) == 15 and first.retryable == set(late)
    before = contents(first.folder)
    denied.clear()
    calls = []
    second = make(progress=lambda *counts: calls.append(counts))
    assert decoded[1:] == [late] and calls == [(number, 22) for number in range(17, 23)]
    same(second, make("undisturbed"))
    with (second.folder / "bad_clips.csv").open(newline="", encoding="utf-8") as file:
        assert [row["clip_id"] for row in csv.DictReader(file)] == ["c05", "c06"]
    # Nothing that was there is written again but the two lists.
    after = contents(second.folder)
    assert {name for name in before if before[name] != after[name]} == {"bad_clips.csv", "index.json"}
    same(make(), second)
    assert len(decoded) == 3


def test_a_cache_in_use_stays_right_while_clips_are_added(make, denied):
    denied["01.wav"] = errno.EACCES
    in_use = make()
    denied.clear()
    added = make()
    for position, clip_id in enumerate(in_use.ids):
        (other,) = added.positions([clip_id])
        np.testing.assert_array_equal(in_use.row(position), added.row(other))


def test_damaged_and_silent_clips_are_not_tried_again(make, root, decoded):
    soundfile.write(root / "03.wav", np.zeros(RATE), RATE)
    first = make()
    assert [bad[0] for bad in first.bad] == ["c03", "c05", "c06"] and not first.retryable
    assert "silent from beginning to end; expected music" in first.bad[0][2]
    make()
    assert len(decoded) == 1


def test_a_clip_that_fails_as_before_changes_nothing(make, denied, decoded):
    denied["01.wav"] = errno.EACCES
    first = make()
    before = contents(first.folder)
    same(make(), first)
    assert decoded[1:] == [["c01"]] and contents(first.folder) == before


def test_the_last_reason_holds(make, root, denied, decoded):
    denied["05.wav"] = errno.EACCES
    assert "no permission" in make().bad[0][2]
    denied["05.wav"] = errno.EIO
    second = make()
    assert "not now" in second.bad[0][2] and second.retryable == {"c05"}
    denied.clear()
    third = make()
    assert "holds text" in third.bad[0][2] and not third.retryable
    same(make(), third)
    same(third, make("undisturbed"))
    assert len(decoded) == 4  # the damage was found once, and is tried no more


def test_a_missing_clip_is_not_looked_for_in_vain(make, root, decoded):
    (root / "01.wav").unlink()
    assert make().retryable == {"c01"}
    make()
    assert len(decoded) == 1


def test_a_kill_before_the_index_is_written_loses_nothing(make, denied, decoded, monkeypatch):
    denied["01.wav"] = errno.EACCES
    first = make()
    denied.clear()

    def killed(folder, fields):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(cache_module, "write_index", killed)
        make()
    assert len(first) == 20
    same(make(), make("undisturbed"))
    assert decoded[2] == []


def test_a_run_that_goes_on_with_a_killed_one_tries_its_failures_again(make, denied, decoded):
    denied |= {"01.wav": errno.EACCES, "21.wav": errno.EACCES}
    first = make()
    for name in ("index.json", "rows-00005.json"):
        (first.folder / name).unlink()
    denied.clear()
    same(make(), make("undisturbed"))
    assert decoded[1] == ["c21", "c22", "c01"]


def test_a_finished_cache_is_used_where_it_cannot_be_written_to(make, denied, monkeypatch, caplog):
    denied["01.wav"] = errno.EACCES
    first = make()
    denied.clear()

    def refuse(path, write):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(shards, "write_whole", refuse)
    with caplog.at_level(logging.WARNING):
        same(make(), first)
    assert "1 of the bad clips were not tried again" in caplog.text and "Read-only file system" in caplog.text
