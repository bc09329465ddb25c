"""The process that looks at clips: what it draws, how it grows, and in which order it works."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fstmuse.audio.decode import decode
from fstmuse.errors import AudioError
from fstmuse.features.mel import mel_matrix
from gui.core.messages import Failed, Look, Looked, Opened, Stop, Tile
from gui.core.picture import LEVELS, TILE_COLUMNS, Picture
from gui.work import looker
from tests.gui.long_clip import HOURS_S, long_clip

__all__ = ["long_clip"]

RATE = 8000
HOP = 256  # of the picture at 8 kHz
TILE = TILE_COLUMNS * HOP


def write(path: Path, sound: np.ndarray, rate: int = RATE) -> Path:
    soundfile.write(path, sound, rate, subtype="FLOAT")
    return path


def look_at(path: Path, folder: Path) -> tuple[Picture, list]:
    picture, messages = Picture(), []
    for message in looker.look_at(Look(3, str(path), str(folder / "out.pcm"))):
        if isinstance(message, Opened):
            picture.open(message)
        elif isinstance(message, Tile):
            picture.add(message)
        elif isinstance(message, Looked):
            picture.finish(message.samples)
        if message is not None:
            messages.append(message)
    return picture, messages


def level(picture: Picture, number: int) -> np.ndarray:
    return np.concatenate([picture.tile(index, number) for index in range(picture.tiles)])


def test_samples_are_those_of_the_clip_mixed_down(tmp_path: Path):
    sound = np.random.default_rng(0).uniform(-0.9, 0.9, (5000, 2)).astype(np.float32)
    path = write(tmp_path / "a.wav", sound, 22050)

    _, messages = look_at(path, tmp_path)

    samples = np.fromfile(tmp_path / "out.pcm", "<i2")
    np.testing.assert_allclose(samples / 32767, decode(path), atol=0.51 / 32767)
    assert [type(message) for message in messages] == [Opened, Tile, Looked]
    assert {message.request for message in messages} == {3}
    assert messages[-1].samples == 5000


def test_overshoots_are_cut_and_do_not_wrap(tmp_path: Path):
    look_at(write(tmp_path / "a.wav", np.array([1.5, -1.5, 0.5], np.float32)), tmp_path)

    assert np.fromfile(tmp_path / "out.pcm", "<i2").tolist() == [32767, -32767, 16384]


def test_samples_that_are_no_numbers_are_missing_and_silent_and_all_others_as_they_are(tmp_path: Path):
    sound = np.random.default_rng(3).uniform(-0.5, 0.5, (TILE + 5000, 2)).astype(np.float32)
    hurt = sound.copy()
    hurt[1000:1600, 0], hurt[TILE + 100, 1] = np.nan, np.inf
    picture, _ = look_at(write(tmp_path / "hurt.wav", hurt), tmp_path)
    written = np.fromfile(tmp_path / "out.pcm", "<i2")
    whole, _ = look_at(write(tmp_path / "whole.wav", sound), tmp_path)
    expected = np.fromfile(tmp_path / "out.pcm", "<i2")
    expected[1000:1600] = expected[TILE + 100] = 0
    assert np.array_equal(written, expected) and not whole.broken
    found, pair = [np.flatnonzero(picture.missing(tile, 0)).tolist() for tile in (0, 1)], HOP // 8
    assert found == [list(range(1000 // pair, 1599 // pair + 1)), [100 // pair]]
    assert picture.is_missing(1500 / RATE) and not picture.is_missing(1700 / RATE) and not picture.is_missing(99.0)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 96000])
def test_a_tone_stands_at_its_frequency_and_level(tmp_path: Path, rate: int):
    times = np.arange(2 * rate) / rate
    path = write(tmp_path / "a.wav", 0.1 * np.sin(2 * np.pi * 1000 * times), rate)

    picture, _ = look_at(path, tmp_path)

    middle = level(picture, 0)[picture.columns // 2].astype(int)
    row = int(middle.argmax())
    assert abs(row - (picture.row_of_hz(1000) * picture.opened.n_mels - 0.5)) <= 1
    # A full-scale sine is 0 dB in its bin; a mel band adds up what leaks into its neighbours.
    assert picture.value_db(1.0, row) == pytest.approx(-20, abs=3)
    assert middle[0] < 60
    assert picture.duration_s == pytest.approx(2.0)


def test_a_click_stands_where_it_sounds(tmp_path: Path):
    sound = np.zeros(4 * RATE, np.float32)
    sound[int(2.5 * RATE)] = 1.0

    picture, _ = look_at(write(tmp_path / "a.wav", sound), tmp_path)

    loudness = level(picture, 0).astype(int).sum(axis=1)
    assert abs(int(loudness.argmax()) - 2.5 / picture.column_s) <= 1
    assert int(picture.peaks(0, 0)[:, 1].argmax()) == int(2.5 * RATE) // (HOP // 8)
    assert picture.peaks(0, 2)[:, 1].max() == 127


@pytest.mark.parametrize("samples", [1, HOP, HOP + 1, TILE - 1, TILE, TILE + 1, TILE + 700, 2 * TILE + 12345])
def test_every_length_has_all_its_columns_and_no_more(tmp_path: Path, samples: int):
    sound = np.random.default_rng(1).uniform(-0.5, 0.5, samples).astype(np.float32)

    picture, _ = look_at(write(tmp_path / "a.wav", sound), tmp_path)

    columns = -(-samples // HOP)
    assert picture.columns == columns
    assert picture.tiles == -(-columns // TILE_COLUMNS)
    last = columns - (picture.tiles - 1) * TILE_COLUMNS
    assert [len(picture.tile(picture.tiles - 1, each)) for each in range(LEVELS)] == [
        -(-last // 4**each) for each in range(LEVELS)
    ]
    peaks = np.concatenate([picture.peaks(index, 0) for index in range(picture.tiles)])
    blocks = np.split(sound, range(HOP // 8, samples, HOP // 8))
    expected = np.array([[block.min(), block.max()] for block in blocks])
    np.testing.assert_allclose(peaks / 127, expected, atol=0.51 / 127)


def test_tiles_join_without_a_seam(tmp_path: Path):
    sound = np.random.default_rng(2).uniform(-0.5, 0.5, 2 * TILE + 5000).astype(np.float32)
    picture, _ = look_at(write(tmp_path / "a.wav", sound), tmp_path)

    # The same sound, later by half a tile: what was at a seam is now in the middle of a tile.
    later = np.concatenate([np.zeros(TILE // 2, np.float32), sound])
    moved, _ = look_at(write(tmp_path / "b.wav", later), tmp_path)

    np.testing.assert_allclose(
        level(moved, 0)[TILE_COLUMNS // 2 + 2 :].astype(int), level(picture, 0)[2:].astype(int), atol=1
    )


def test_each_level_is_the_loudest_of_four(tmp_path: Path):
    sound = np.random.default_rng(3).uniform(-0.5, 0.5, TILE + 999).astype(np.float32)
    picture, _ = look_at(write(tmp_path / "a.wav", sound), tmp_path)

    for index in range(picture.tiles):
        finest = picture.tile(index, 0)
        for number in range(1, LEVELS):
            coarse = picture.tile(index, number)
            blocks = [finest[start : start + 4**number].max(axis=0) for start in range(0, len(finest), 4**number)]
            np.testing.assert_array_equal(coarse, blocks)


@pytest.mark.parametrize("rate", [1000, 4000, 8000, 11025, 16000, 22050, 44100, 48000, 96000, 192000])
def test_no_band_is_empty_at_any_rate(rate: int):
    spec = looker.picture_spec(rate, 30.0)

    assert mel_matrix(spec).any(axis=0).all()
    assert spec.hop_length * 4 == spec.n_fft
    assert spec.fmax == min(16000, rate / 2)
    assert 0.06 < spec.n_fft / rate < 0.135


def test_endless_clips_keep_within_the_windows_memory():
    two_hours, two_days = looker.picture_spec(44100, 7200), looker.picture_spec(44100, 172_800)

    assert (two_hours.n_fft, two_hours.hop_length) == (4096, 1024)
    assert two_days.frames(172_800 * 44100) <= 1 << 20
    assert two_days.hop_length <= two_days.n_fft


def test_the_first_tile_of_a_long_clip_comes_when_little_of_it_is_decoded(long_clip: Path, tmp_path: Path):
    steps = looker.look_at(Look(1, str(long_clip), str(tmp_path / "out.pcm")))
    opened = next(steps)
    tile = next(message for message in steps if isinstance(message, Tile))
    steps.close()

    assert opened.duration_s == HOURS_S
    assert len(tile.levels[0]) == TILE_COLUMNS
    decoded_s = (tmp_path / "out.pcm").stat().st_size / 2 / RATE
    assert TILE_COLUMNS * HOP / RATE <= decoded_s < 0.02 * HOURS_S


def test_a_second_look_writes_over_the_samples_and_never_empties_them(tmp_path: Path):
    path = write(tmp_path / "a.wav", np.full(3000, 0.5, np.float32))
    (tmp_path / "out.pcm").write_bytes(b"\x11" * 9000)

    steps = looker.look_at(Look(1, str(path), str(tmp_path / "out.pcm")))
    assert isinstance(next(steps), Opened)
    assert (tmp_path / "out.pcm").stat().st_size == 9000
    assert isinstance(list(steps)[-1], Looked)

    assert np.fromfile(tmp_path / "out.pcm", "<i2").tolist() == [16384] * 3000


def test_samples_that_cannot_be_written_are_an_error_in_words(tmp_path: Path):
    path = write(tmp_path / "a.wav", np.zeros(100, np.float32))

    with pytest.raises(AudioError, match=r"cannot be written to .*FSTMUSE_CACHE"):
        list(looker.look_at(Look(1, str(path), str(tmp_path / "nowhere" / "out.pcm"))))


@pytest.fixture
def child() -> Iterator[tuple[Connection, multiprocessing.Process]]:
    context = multiprocessing.get_context("spawn")
    connection, theirs = context.Pipe()
    process = context.Process(target=looker.main, args=(theirs,))
    process.start()
    theirs.close()
    yield connection, process
    connection.close()
    process.join(10)
    assert process.exitcode == 0


def until(connection: Connection, kind: type, request: int) -> list:
    """Messages up to the one of this kind and number."""
    messages = []
    while True:
        assert connection.poll(30), f"no {kind.__name__} after {messages[-3:]}"
        messages.append(connection.recv())
        number = messages[-1].job if isinstance(messages[-1], Failed) else messages[-1].request
        if isinstance(messages[-1], kind) and number == request:
            return messages


def test_the_process_answers_goes_on_after_a_broken_clip_and_stops(child, tones: Path, broken: Path, tmp_path: Path):
    connection, process = child
    connection.send(Look(1, str(broken), str(tmp_path / "1.pcm")))
    connection.send(Look(2, str(tmp_path / "missing.wav"), str(tmp_path / "2.pcm")))
    failed = [connection.recv(), connection.recv()]

    reasons = {message.job: message for message in failed}
    assert reasons[1].kind == reasons[2].kind == "AudioError"
    assert "holds text" in reasons[1].message
    assert "no such file" in reasons[2].message

    connection.send(Look(3, str(tones / "middle.flac"), str(tmp_path / "3.pcm")))
    assert until(connection, Looked, 3)[-1].samples == 3 * 22050
    connection.send(Stop())
    process.join(10)
    assert process.exitcode == 0


def test_the_last_clip_asked_for_comes_first_and_the_others_go_on_after_it(
    child, long_clip: Path, tones: Path, tmp_path: Path
):
    connection, _ = child
    connection.send(Look(1, str(long_clip), str(tmp_path / "1.pcm")))
    before = until(connection, Tile, 1)
    connection.send(Look(2, str(tones / "low.wav"), str(tmp_path / "2.pcm")))
    during = until(connection, Looked, 2)
    after = until(connection, Tile, 1)

    first = next(number for number, message in enumerate(during) if message.request == 2)
    assert {message.request for message in during[first:]} == {2}
    tiles = [message.index for message in before + during + after if isinstance(message, Tile) and message.request == 1]
    assert tiles == list(range(len(tiles)))


def test_a_clip_that_waits_can_be_brought_to_the_front(child, long_clip: Path, tmp_path: Path):
    connection, _ = child
    for request in (1, 2, 1):
        connection.send(Look(request, str(long_clip), str(tmp_path / f"{request}.pcm")))
        until(connection, Tile, request)

    messages = [connection.recv() for _ in range(8)]
    assert {(type(message), message.request) for message in messages} == {(Tile, 1)}


def test_the_oldest_of_too_many_is_given_up(child, long_clip: Path, tmp_path: Path):
    connection, _ = child
    for request in (1, 2, 3, 4):
        connection.send(Look(request, str(long_clip), str(tmp_path / f"{request}.pcm")))

    assert until(connection, Failed, 1)[-1].kind == "Cancelled"
    until(connection, Tile, 4)


def test_a_long_clip_takes_constant_memory(child, long_clip: Path, tmp_path: Path):
    connection, process = child
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        pytest.skip("this system does not say how much memory a process has taken")

    def most_mb() -> int:
        return next(int(line.split()[1]) // 1024 for line in status.read_text().splitlines() if "VmHWM" in line)

    connection.send(Look(1, str(long_clip), str(tmp_path / "1.pcm")))
    until(connection, Tile, 1)
    first = most_mb()
    last = 60  # of 220; its samples and tiles up to there are 44 MB
    while until(connection, Tile, 1)[-1].index < last:
        pass

    assert most_mb() < first + 10
