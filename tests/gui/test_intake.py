"""What is a clip and what is not, and that looking at many holds nothing up."""

from __future__ import annotations

import itertools
import os
import shutil
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from PySide6.QtCore import QMimeData, QObject, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from gui.core.intake import Intake, gather, sift
from gui.intaking import Intaking, paths_in
from gui.panels.file_handle import FileHandle
from gui.reveal import reveal
from tests.artifact_fixtures import write_tone


def _reasons(intake: Intake) -> dict[str, str]:
    return {Path(refusal.path).name: refusal.reason for refusal in intake.refused}


def test_mixed_folder_gives_its_clips_and_a_reason_for_each_file_that_is_none(tones: Path, broken: Path) -> None:
    shutil.copy(broken, tones / "sub.mp3")
    (tones / "cover.jpg").write_bytes(b"\xff\xd8\xff")
    (tones / "deep" / "er").mkdir(parents=True)
    shutil.copy(tones / "low.wav", tones / "deep" / "er" / "Lied für Zoë.wav")
    (tones / "empty.wav").touch()
    intake = gather([tones])
    assert [Path(path).name for path in intake.accepted] == ["high.wav", "low.wav", "middle.flac", "Lied für Zoë.wav"]
    assert all(Path(path).is_absolute() for path in intake.accepted)
    assert _reasons(intake) == {
        "empty.wav": "Is empty (0 bytes), expected a sound file. Get or copy it again.",
        "sub.mp3": "Holds text (1,700 bytes), not sound. Replace it by the sound file, or leave it out.",
    }


def test_content_decides_for_a_file_that_is_named_itself(tones: Path) -> None:
    odd = tones / "take 1.bak"
    shutil.copy(tones / "low.wav", odd)
    assert gather([odd]).accepted == [str(odd)]


def test_each_file_comes_once_however_it_is_named(tones: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tones)
    intake = gather(["low.wav", tones / "low.wav", f"{tones}/sub/../low.wav", tones, tones])
    assert [Path(path).name for path in intake.accepted] == ["low.wav", "high.wav", "middle.flac"]
    assert not intake.refused


def test_what_is_in_the_queue_is_told_as_such(tones: Path) -> None:
    intake = gather([tones], known={str(tones / "low.wav")})
    assert len(intake.accepted) == 2
    assert [(refusal.path, refusal.known) for refusal in intake.refused] == [(str(tones / "low.wav"), True)]
    assert "queue already" in intake.refused[0].reason


def test_missing_empty_odd_and_remote_paths_are_named_with_their_reason(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    names = ["gone.wav", "nothing", "pipe.wav", "loop.wav", "nul\0.wav"]
    intake = gather([*(f"{tmp_path}/{name}" for name in names), "https://example.org/a.mp3", "", "  "])
    assert not intake.accepted
    reasons = _reasons(intake)
    assert list(reasons) == [*names, "a.mp3"]
    for name, words in zip(
        reasons, ["No such file", "No sound file", "named pipe", "leads back", "null", "address"], strict=True
    ):
        assert words in reasons[name]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_locked_folder_is_refused_and_those_beside_it_are_not(tones: Path) -> None:
    locked = tones / "locked"
    locked.mkdir(mode=0o000)
    try:
        intake = gather([tones])
    finally:
        locked.chmod(0o755)
    assert len(intake.accepted) == 3
    assert "cannot be read: Permission denied" in _reasons(intake)["locked"]


def test_search_can_be_stopped(tones: Path) -> None:
    found: list[object] = []
    for item in sift([tones], stopped=lambda: len(found) == 1):
        found.append(item)
    assert len(found) == 1


@pytest.fixture
def intaking(qtbot):
    queue: list[str] = []
    intaking = Intaking(lambda: queue)
    intaking.taken.connect(lambda share: queue.extend(share.accepted))
    yield intaking
    intaking.close()


def test_200_files_leave_the_window_its_turns(qtbot, intaking: Intaking, tmp_path: Path, broken: Path) -> None:
    first = write_tone(tmp_path / "many" / "000.wav", "Low", 0.5)
    for index in range(1, 200):
        shutil.copy(first, tmp_path / "many" / f"{index:03}.wav")
    turns: list[float] = []
    beat = QTimer(interval=0)
    beat.timeout.connect(lambda: turns.append(time.perf_counter()))
    shares: list[Intake] = []
    intaking.taken.connect(shares.append)
    beat.start()
    with qtbot.waitSignal(intaking.finished, timeout=10_000) as done:
        intaking.take([str(tmp_path / "many"), str(broken)])
        assert not shares, "take returns at once"
    beat.stop()
    longest = max(after - before for before, after in itertools.pairwise(turns))
    print(f"longest turn {longest * 1e3:.1f} ms over {turns[-1] - turns[0]:.3f} s")
    assert longest < 0.25
    [total] = done.args
    assert (len(total.accepted), len(total.refused)) == (200, 1)
    assert [path for share in shares for path in share.accepted] == total.accepted
    assert len(shares) > 10


def test_takes_follow_one_another_and_know_what_came_before(qtbot, intaking: Intaking, tones: Path) -> None:
    ends: list[Intake] = []
    intaking.finished.connect(ends.append)
    intaking.take([str(tones / "low.wav")])
    intaking.take([str(tones)])
    intaking.take([])
    qtbot.waitUntil(lambda: len(ends) == 2 and not intaking.busy)
    assert [Path(path).name for path in ends[1].accepted] == ["high.wav", "middle.flac"]
    assert [refusal.known for refusal in ends[1].refused] == [True]


def test_stop_keeps_what_was_found_and_close_says_no_more(qtbot, intaking: Intaking, tones: Path) -> None:
    ends: list[Intake] = []
    intaking.finished.connect(ends.append)
    for index in range(50):
        shutil.copy(tones / "low.wav", tones / f"more {index}.wav")
    intaking.taken.connect(lambda share: intaking.stop())
    intaking.take([str(tones)])
    intaking.take([str(tones / "low.wav")])
    qtbot.waitUntil(lambda: not intaking.busy)
    assert len(ends) == 1
    assert ends[0].accepted
    intaking.take([str(tones)])
    intaking.close()
    QApplication.processEvents()
    assert not intaking.busy
    assert len(ends) == 1


def test_dropped_and_pasted_paths(tmp_path: Path) -> None:
    drop = QMimeData()
    name = tmp_path / "a b & ü.wav"
    drop.setUrls([QUrl.fromLocalFile(str(name)), QUrl("https://example.org/x.mp3")])
    assert paths_in(drop) == [str(name), "https://example.org/x.mp3"]
    text = QMimeData()
    text.setText(f"{name}\nfile://{tmp_path}/a%20b.wav\r\n'/with quotes.wav'\n\nsome words that are no path\n~/x.wav")
    assert paths_in(text) == [str(name), f"{tmp_path}/a b.wav", "/with quotes.wav", "~/x.wav"]
    assert paths_in(QMimeData()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all names are Unicode")
def test_dropped_and_pasted_names_that_are_no_utf_8(tones: Path) -> None:
    name = os.fsencode(tones) + b"/caf\xe9 50% \xc3\xa9.wav"
    (tones / "low.wav").rename(os.fsdecode(name))
    drop, text = QMimeData(), QMimeData()
    drop.setData("text/uri-list", b"file://" + quote(name).encode() + b"\r\n")  # as file managers send it
    text.setText(f"file://{quote(name)}")
    assert paths_in(drop) == paths_in(text) == [os.fsdecode(name)]
    assert gather(paths_in(drop)).accepted == [os.fsdecode(name)]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all names are Unicode")
def test_names_that_are_no_utf_8_go_out_with_their_bytes(qtbot, tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9 #1/50% \xc3\xa9.csv"))
    file.parent.mkdir()
    file.touch()
    handle = FileHandle()
    qtbot.addWidget(handle)
    handle.set_files([str(file)])
    assert paths_in(handle.mime()) == [str(file)]
    assert bytes(handle.mime().data("text/uri-list").data()).endswith(b"/caf%E9%20%231/50%25%20%C3%A9.csv\r\n")
    opened = _Opened()
    QDesktopServices.setUrlHandler("file", opened, "open")
    try:
        assert reveal(file)
    finally:
        QDesktopServices.unsetUrlHandler("file")
    assert opened.addresses == [b"file://" + quote(os.fsencode(file.parent)).encode()]


class _Opened(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[bytes] = []

    @Slot("QUrl")
    def open(self, url: QUrl) -> None:
        self.addresses.append(bytes(url.toEncoded().data()))
