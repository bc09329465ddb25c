"""Pictures and samples of clips, by a real process that may be killed."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from gui.core.messages import Look, Opened, Tile
from gui.core.pcm import Clip
from gui.core.picture import Picture
from gui.core.scratch import Scratch
from gui.looking import Looking
from gui.work import looker
from tests.artifact_fixtures import write_tone
from tests.gui.long_clip import RATE, write_minutes

PATIENCE_MS = 30_000


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FSTMUSE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def make_looking(qtbot, cache: Path) -> Iterator[Callable[..., Looking]]:
    made: list[Looking] = []

    def make(**arguments) -> Looking:
        made.append(Looking(**arguments))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def looking(make_looking) -> Looking:
    looking = make_looking()
    looking.start()
    return looking


def finish(qtbot, looking: Looking, *paths: Path) -> list[Clip]:
    clips = [looking.show(str(path)) for path in paths]
    qtbot.waitUntil(lambda: all(clip.picture.complete for clip in clips), timeout=PATIENCE_MS)
    return clips


def test_the_window_comes_before_the_pictures(qtbot, looking: Looking) -> None:
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    qtbot.waitUntil(lambda: os.getpriority(os.PRIO_PROCESS, looking.pid) > ours, timeout=PATIENCE_MS)


def drawn(path: Path, folder: Path) -> Picture:
    """What the process should draw, drawn here."""
    picture = Picture()
    for message in looker.look_at(Look(0, str(path), str(folder / "expected.pcm"))):
        if isinstance(message, Opened):
            picture.open(message)
        elif isinstance(message, Tile):
            picture.add(message)
    return picture


def same(one: Picture, other: Picture) -> bool:
    return one.tiles == other.tiles and all(
        np.array_equal(one.tile(index, 0), other.tile(index, 0)) for index in range(one.tiles)
    )


def test_a_clip_is_there_at_once_and_grows(qtbot, looking: Looking, tones: Path, tmp_path: Path):
    path = str(tones / "low.wav")
    grew: list[str] = []
    looking.grew.connect(grew.append)

    with qtbot.waitSignal(looking.finished, timeout=PATIENCE_MS) as finished:
        clip = looking.show(path)
        assert (clip.path, clip.picture.columns, clip.pcm, clip.failed) == (path, 0, None, "")

    assert finished.args == [path]
    assert set(grew) == {path}
    assert len(grew) == 2  # opened, and its one tile
    assert same(clip.picture, drawn(Path(path), tmp_path))
    assert clip.picture.duration_s == 3.0
    assert clip.pcm.complete
    assert (clip.pcm.samples, clip.pcm.sample_rate) == (3 * RATE, RATE)
    sound, _ = soundfile.read(path, dtype="int16")
    np.testing.assert_allclose(clip.pcm.read(0, 3 * RATE), sound, atol=1)


def test_a_clip_is_the_same_while_its_file_is(qtbot, looking: Looking, tones: Path):
    (clip,) = finish(qtbot, looking, tones / "low.wav")

    assert looking.show(clip.path) is clip


def test_a_clip_whose_file_has_changed_is_looked_at_anew(qtbot, looking: Looking, tones: Path):
    (clip,) = finish(qtbot, looking, tones / "low.wav")
    write_tone(tones / "low.wav", "High", 2.0)

    (anew,) = finish(qtbot, looking, tones / "low.wav")

    assert anew is not clip
    assert (clip.picture.duration_s, anew.picture.duration_s) == (3.0, 2.0)
    assert clip.pcm.read(100, 1000).any()  # who still shows the old one can read on
    assert not np.array_equal(clip.pcm.read(100, 1000), anew.pcm.read(100, 1000))


def test_a_file_that_changes_while_it_is_looked_at_does_not_mix(qtbot, looking: Looking, tmp_path: Path):
    path = write_minutes(tmp_path / "a.wav", 10)
    old = looking.show(str(path))
    qtbot.waitUntil(lambda: old.picture.tiles > 0, timeout=PATIENCE_MS)
    path.unlink()  # the process reads on in what was there
    write_tone(path, "High", 2.0)

    (anew,) = finish(qtbot, looking, path)

    assert anew.picture.duration_s == 2.0
    assert same(anew.picture, drawn(path, tmp_path))
    assert not old.picture.complete


def test_clips_asked_for_at_once_do_not_mix(qtbot, looking: Looking, tones: Path, tmp_path: Path):
    paths = [write_minutes(tmp_path / "a.wav", 2), tones / "high.wav", tones / "middle.flac"]

    clips = finish(qtbot, looking, *paths)

    for path, clip in zip(paths, clips, strict=True):
        assert same(clip.picture, drawn(path, tmp_path))
        assert clip.pcm.samples / clip.pcm.sample_rate == clip.picture.duration_s


def test_of_many_clips_the_last_is_there_soon_and_one_given_up_can_be_asked_again(
    qtbot, looking: Looking, tones: Path, tmp_path: Path
):
    paths = [write_minutes(tmp_path / f"{number}.wav", 5) for number in range(5)]
    first = looking.show(str(paths[0]))
    for path in paths[1:]:
        looking.show(str(path))
    finish(qtbot, looking, tones / "low.wav")

    assert not first.picture.complete
    assert not first.failed
    anew = looking.show(str(paths[0]))
    assert anew is not first
    qtbot.waitUntil(lambda: anew.picture.complete, timeout=PATIENCE_MS)


def test_a_broken_clip_fails_with_the_reason_and_is_tried_again(qtbot, looking: Looking, broken: Path):
    with qtbot.waitSignal(looking.failed, timeout=PATIENCE_MS) as failed:
        clip = looking.show(str(broken))

    assert failed.args == [str(broken), clip.failed]
    assert "holds text" in clip.failed

    write_tone(broken.with_suffix(".wav"), "Low", 1.0)
    shutil.copy(broken.with_suffix(".wav"), broken)
    (again,) = finish(qtbot, looking, broken)
    assert not again.failed


def test_a_missing_clip_fails_with_the_reason(qtbot, looking: Looking, tmp_path: Path):
    with qtbot.waitSignal(looking.failed, timeout=PATIENCE_MS):
        clip = looking.show(str(tmp_path / "missing.wav"))

    assert "no such file" in clip.failed


def test_a_killed_process_is_replaced_and_the_clip_goes_on(qtbot, looking: Looking, tmp_path: Path):
    path = write_minutes(tmp_path / "a.wav", 10)
    clip = looking.show(str(path))
    qtbot.waitUntil(lambda: clip.picture.tiles > 0, timeout=PATIENCE_MS)
    before, pcm, pid = clip.picture.tiles, clip.pcm, looking.pid
    os.kill(pid, signal.SIGKILL)

    qtbot.waitUntil(lambda: clip.picture.complete, timeout=PATIENCE_MS)

    assert looking.pid != pid
    assert clip.picture.tiles > before
    assert clip.pcm is pcm
    assert not clip.failed
    assert same(clip.picture, drawn(path, tmp_path))
    assert pcm.samples == 600 * RATE


def test_a_clip_that_kills_twice_fails_and_the_one_behind_it_goes_on(qtbot, looking: Looking, tmp_path: Path):
    behind = looking.show(str(write_minutes(tmp_path / "behind.wav", 5)))
    clip = looking.show(str(write_minutes(tmp_path / "a.wav", 10)))
    grew: list[str] = []
    looking.grew.connect(grew.append)
    with qtbot.waitSignal(looking.failed, timeout=PATIENCE_MS) as failed:
        for _ in range(2):
            pid = looking.pid
            grew.clear()
            qtbot.waitUntil(lambda: clip.path in grew, timeout=PATIENCE_MS)
            os.kill(looking.pid, signal.SIGKILL)
            qtbot.waitUntil(lambda pid=pid: looking.pid not in (pid, None), timeout=PATIENCE_MS)

    assert failed.args == [clip.path, clip.failed]
    assert "SIGKILL" in clip.failed
    assert clip.pcm.complete  # a player need not wait for more
    qtbot.waitUntil(lambda: behind.picture.complete, timeout=PATIENCE_MS)


def test_a_process_that_dies_idle_is_replaced_for_the_next_clip(qtbot, looking: Looking, tones: Path):
    finish(qtbot, looking, tones / "low.wav")
    os.kill(looking.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: looking.pid is None, timeout=PATIENCE_MS)

    finish(qtbot, looking, tones / "high.wav")


def test_memory_is_kept_within_its_budget_and_the_last_two_clips_always(qtbot, make_looking, tones: Path, cache: Path):
    looking = make_looking(budget_bytes=1)  # and it starts by itself
    (low,) = finish(qtbot, looking, tones / "low.wav")
    high, middle = finish(qtbot, looking, tones / "high.wav", tones / "middle.flac")

    assert looking.show(high.path) is high
    assert looking.show(middle.path) is middle
    assert len(list(cache.glob("gui-*/*.pcm"))) == 2
    assert looking.show(low.path) is not low
    qtbot.waitUntil(lambda: looking.show(low.path).picture.complete, timeout=PATIENCE_MS)


def test_close_leaves_nothing_on_the_disk(qtbot, looking: Looking, tones: Path, cache: Path):
    (clip,) = finish(qtbot, looking, tones / "low.wav")
    assert list(cache.glob("gui-*/*.pcm"))

    looking.close()

    assert list(cache.iterdir()) == []
    assert clip.pcm.samples == 0
    assert looking.pid is None


def test_close_in_the_middle_of_a_clip(qtbot, looking: Looking, tmp_path: Path, cache: Path):
    clip = looking.show(str(write_minutes(tmp_path / "a.wav", 10)))
    qtbot.waitUntil(lambda: clip.picture.tiles > 0, timeout=PATIENCE_MS)

    looking.close()

    assert not clip.picture.complete
    assert list(cache.iterdir()) == []


def test_a_place_that_cannot_be_written_is_a_reason_not_a_crash(
    qtbot, make_looking, tones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FSTMUSE_CACHE", str(tmp_path / "file" / "cache"))
    looking = make_looking()
    looking.start()

    with qtbot.waitSignal(looking.failed) as failed:
        clip = looking.show(str(tones / "low.wav"))

    assert "FSTMUSE_CACHE" in failed.args[1]
    assert clip.failed == failed.args[1]
    monkeypatch.setenv("FSTMUSE_CACHE", str(tmp_path / "cache"))
    finish(qtbot, looking, tones / "low.wav")


def test_a_cache_that_was_thrown_away_is_made_anew(qtbot, looking: Looking, tones: Path, cache: Path):
    finish(qtbot, looking, tones / "low.wav")
    shutil.rmtree(cache)
    (clip,) = finish(qtbot, looking, tones / "high.wav")
    assert clip.pcm.samples == 3 * 44100
    looking.close()
    assert list(cache.glob("gui-*")) == []


def test_what_a_killed_window_left_is_swept_and_what_a_living_one_uses_is_not(tmp_path: Path):
    left = tmp_path / "gui-1-left"
    left.mkdir()
    (left / "lock").touch()
    (left / "1.pcm").write_bytes(b"\0" * 10)
    other = tmp_path / "genres-mel"
    other.mkdir()
    living = Scratch(tmp_path)

    second = Scratch(tmp_path)

    assert not left.exists()
    assert living.folder.is_dir()
    assert second.folder != living.folder
    living.remove()
    second.remove()
    assert list(tmp_path.iterdir()) == [other]
