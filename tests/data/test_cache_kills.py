"""Caches made by processes that are killed, or by two at once, equal the undisturbed one byte for byte."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from fstmuse.data import cache as cache_module
from fstmuse.data import shards
from fstmuse.data.cache import prepare
from fstmuse.data.manifest import Manifest, write_manifest
from tests.data import cache_support, make_cache
from tests.data.cache_support import contents, times

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


def maker(manifest: Manifest, root: Path, folder: Path, pause: float, workers: int = 0) -> subprocess.Popen:
    table = folder.parent / "manifest.csv"
    if not table.exists():
        write_manifest(manifest, table)
    script = Path(make_cache.__file__)
    return subprocess.Popen(
        [sys.executable, script, table, root, folder, str(pause), str(workers)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )


@pytest.mark.parametrize(("kill_at", "workers"), [(1, 0), (10, 2), (21, 0)])
def test_a_killed_run_is_gone_on_with(root, manifest, tmp_path, kill_at, workers):
    undisturbed = tmp_path / "undisturbed"
    done = maker(manifest, root, undisturbed, 0)
    assert done.communicate(timeout=60)[0].splitlines()[-1] == "rows 21"
    broken_off = tmp_path / "broken off"
    run = maker(manifest, root, broken_off, 0.01, workers)
    while (line := run.stdout.readline().strip()) != str(kill_at):
        assert line, run.stderr.read()
    run.send_signal(signal.SIGKILL)
    run.communicate(timeout=60)
    (folder,) = (path for path in broken_off.iterdir() if path.is_dir())
    assert not (folder / "index.json").exists()
    noted = {note.stem for note in folder.glob("rows-*.json")}
    assert len(noted) >= (kill_at - 1) // make_cache.ROWS
    kept = {name: when for name, when in times(folder).items() if Path(name).stem in noted}
    again = maker(manifest, root, broken_off, 0, workers)
    out, errors = again.communicate(timeout=60)
    assert out.splitlines()[-1] == "rows 21", errors
    # The finished shards are counted as done at once, and were not written again.
    assert int(out.splitlines()[0]) == min(22, len(noted) * make_cache.ROWS + 1)
    assert {name: times(folder)[name] for name in kept} == kept
    assert contents(broken_off) == contents(undisturbed)


def test_a_kill_at_any_random_moment(root, manifest, tmp_path):
    maker(manifest, root, tmp_path / "undisturbed", 0).communicate(timeout=60)
    folder = tmp_path / "cache"
    draw = random.Random(5)
    for _ in range(6):
        run = maker(manifest, root, folder, 0.005)
        run.stdout.readline()
        time.sleep(draw.uniform(0, 0.08))
        run.kill()
        run.communicate(timeout=60)
    maker(manifest, root, folder, 0).communicate(timeout=60)
    assert contents(folder) == contents(tmp_path / "undisturbed")


def test_what_a_killed_run_left_half_written_is_removed(root, manifest, tmp_path):
    cache = prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)
    whole = contents(cache.folder)
    (cache.folder / "rows-00001.json").unlink()
    (cache.folder / "rows-00001.npy.4711.tmp").write_bytes(b"half")
    prepare(manifest, root, SPEC, kind="waveform", cache_dir=tmp_path / "cache", workers=0)
    assert contents(cache.folder) == whole


@pytest.mark.skipif(os.name == "nt", reason="Windows syncs no folders")
def test_files_and_their_names_are_on_the_disk_before_the_next_is_written(tmp_path, monkeypatch):
    events = []
    sync, rename = os.fsync, os.replace

    def fsync(descriptor):
        events.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        sync(descriptor)

    def replace(old, new):
        events.append(Path(new).name)
        rename(old, new)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    shard = shards.write_shard(tmp_path, shards.Shard(0, ("a",), (4,), (), ()), np.ones((1, 4), np.int16))
    assert events == ["file", "rows-00000.npy", "folder", "file", "rows-00000.json", "folder"]
    assert shards.read_shard(tmp_path, 0) == shard


def test_of_two_runs_at_once_the_second_waits_and_uses_the_first(root, manifest, tmp_path):
    folder = tmp_path / "cache"
    first = maker(manifest, root, folder, 0.05)
    assert first.stdout.readline().strip() == "1"
    second = maker(manifest, root, folder, 0)
    out, errors = second.communicate(timeout=60)
    first_out, _ = first.communicate(timeout=60)
    assert first_out.splitlines()[-1] == "rows 21"
    # It reports all clips as done at once, having decoded none.
    assert out.split() == ["22", "rows", "21"], errors
    assert "Another run is making" in errors


def test_a_waiting_run_takes_over_from_one_that_is_killed(root, manifest, tmp_path):
    folder = tmp_path / "cache"
    first = maker(manifest, root, folder, 0.05)
    while first.stdout.readline().strip() != "9":
        pass
    second = maker(manifest, root, folder, 0)
    assert "Another run is making" in second.stderr.readline()
    first.kill()
    first.communicate(timeout=60)
    out, errors = second.communicate(timeout=60)
    assert out.splitlines()[-1] == "rows 21", errors
    assert int(out.split()[0]) >= 9  # the first run's two shards were kept
