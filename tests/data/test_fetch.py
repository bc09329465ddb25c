"""Fetching from a server of this machine: one that behaves, one that breaks off, one that lies, one without ranges."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import threading
import zipfile
from collections import namedtuple
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fstmuse.data import download as downloading
from fstmuse.data.download import CHUNK, download
from fstmuse.data.fetch import fetch, fetch_archive
from fstmuse.data.registry import DATASETS, Archive
from fstmuse.data.unpack import unpack
from fstmuse.errors import DataError

BODY = bytes(range(256)) * 1000
SHA1 = "sha1:" + hashlib.sha1(BODY).hexdigest()


class Server:
    """Serves one body; `break_after` bytes of an answer it closes the connection, as often as `breaks` says."""

    def __init__(self, body: bytes) -> None:
        self.body, self.ranges, self.breaks, self.break_after, self.status = body, True, 0, 0, 200
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/music.zip"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        asked = request.headers.get("Range", "")
        self.asked.append(asked)
        if self.status != 200:
            request.send_error(self.status)
            return
        start = int(re.match(r"bytes=(\d+)-$", asked)[1]) if asked and self.ranges else 0
        if start >= len(self.body):
            request.send_response(416)
            request.send_header("Content-Range", f"bytes */{len(self.body)}")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        part = self.body[start:]
        request.send_response(206 if asked and self.ranges else 200)
        if asked and self.ranges:
            request.send_header("Content-Range", f"bytes {start}-{len(self.body) - 1}/{len(self.body)}")
        request.send_header("Content-Length", str(len(part)))
        request.end_headers()
        if self.breaks:
            self.breaks -= 1
            part = part[: self.break_after]
            request.close_connection = True
        request.wfile.write(part)

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(BODY)
    yield server
    server.close()


def test_a_whole_download(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    download(server.url, tmp_path / "x", SHA1, progress=lambda *step: seen.append(step))
    assert (tmp_path / "x").read_bytes() == BODY
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert ("downloading", len(BODY), len(BODY)) in seen
    assert seen[-1] == ("checking", len(BODY), len(BODY))
    download(server.url, tmp_path / "x", SHA1)
    assert server.asked == [""], "what is there and right is not fetched again"


def test_a_break_is_resumed_where_it_was(server: Server, tmp_path: Path) -> None:
    server.breaks, server.break_after = 2, 6 * CHUNK
    download(server.url, tmp_path / "x", SHA1, pause_s=0)
    assert (tmp_path / "x").read_bytes() == BODY
    assert server.asked == ["", f"bytes={6 * CHUNK}-", f"bytes={12 * CHUNK}-"]


def test_a_later_run_goes_on(server: Server, tmp_path: Path) -> None:
    (tmp_path / "x.part").write_bytes(BODY[:1234])
    download(server.url, tmp_path / "x", SHA1)
    assert server.asked == ["bytes=1234-"]
    assert (tmp_path / "x").read_bytes() == BODY


def test_a_part_that_is_whole_already_is_taken(server: Server, tmp_path: Path) -> None:
    (tmp_path / "x.part").write_bytes(BODY)
    download(server.url, tmp_path / "x", SHA1)
    assert (tmp_path / "x").read_bytes() == BODY


def test_a_part_longer_than_the_file_is_begun_anew(server: Server, tmp_path: Path) -> None:
    (tmp_path / "x.part").write_bytes(BODY + b"more")
    download(server.url, tmp_path / "x", SHA1, pause_s=0)
    assert (tmp_path / "x").read_bytes() == BODY
    assert server.asked == [f"bytes={len(BODY) + 4}-", ""]


def test_a_server_without_ranges_is_asked_again_from_the_start(server: Server, tmp_path: Path) -> None:
    server.ranges, server.breaks, server.break_after = False, 2, 3 * CHUNK
    download(server.url, tmp_path / "x", SHA1, pause_s=0)
    assert (tmp_path / "x").read_bytes() == BODY
    assert server.asked == ["", f"bytes={3 * CHUNK}-", f"bytes={3 * CHUNK}-"]


def test_a_server_that_never_gets_farther_is_given_up_and_the_part_kept(server: Server, tmp_path: Path) -> None:
    server.ranges, server.breaks, server.break_after = False, 99, 3 * CHUNK
    with pytest.raises(DataError, match=r"5 attempts in a row failed.* 49,152 bytes are kept in .*x\.part"):
        download(server.url, tmp_path / "x", SHA1, pause_s=0)
    assert len(server.asked) == 5
    assert (tmp_path / "x.part").stat().st_size == 3 * CHUNK


def test_wrong_bytes_are_refused_and_removed(server: Server, tmp_path: Path) -> None:
    server.body = BODY[:-1] + b"!"
    received = "sha1:" + hashlib.sha1(server.body).hexdigest()
    with pytest.raises(DataError, match=f"checksum {received}, expected {SHA1}.*x.part was removed"):
        download(server.url, tmp_path / "x", SHA1)
    assert not list(tmp_path.iterdir())


def test_sha256_is_checked_too(server: Server, tmp_path: Path) -> None:
    download(server.url, tmp_path / "x", "sha256:" + hashlib.sha256(BODY).hexdigest())
    with pytest.raises(DataError, match="expected sha256:00"):
        download(server.url, tmp_path / "y", "sha256:" + "00" * 32)


@pytest.mark.parametrize(("status", "attempts"), [(404, 1), (403, 1), (503, 5)])
def test_a_server_that_refuses(status: int, attempts: int, server: Server, tmp_path: Path) -> None:
    server.status = status
    with pytest.raises(DataError, match=str(status)):
        download(server.url, tmp_path / "x", SHA1, pause_s=0)
    assert len(server.asked) == attempts


def test_no_server_and_no_address(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"attempts in a row failed.*refused"):
        download("http://127.0.0.1:9/x", tmp_path / "x", SHA1, pause_s=0)
    for url in ("nowhere", "ftp://127.0.0.1/x", "http://"):
        with pytest.raises(DataError, match="no address"):
            download(url, tmp_path / "x", SHA1, pause_s=0)


def test_another_file_in_the_way_is_not_touched(server: Server, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"mine")
    with pytest.raises(DataError, match="is another file"):
        download(server.url, tmp_path / "x", SHA1)
    assert (tmp_path / "x").read_bytes() == b"mine"
    assert not server.asked


def disk(free: int):
    return lambda folder: namedtuple("Usage", "total used free")(free, 0, free)


def test_too_little_disk_is_refused_before_anything_is_written(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloading.shutil, "disk_usage", disk(400_000))
    with pytest.raises(DataError, match=r"Too little disk.*512,000 bytes needed, 400,000 free"):
        download(server.url, tmp_path / "x", SHA1, unpacks=True)
    assert not list(tmp_path.iterdir())
    download(server.url, tmp_path / "x", SHA1)


def zipped(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return out.getvalue()


MEMBERS = (("set/000/a.mp3", b"aaa" * 500), ("set/000/b.mp3", b"bb" * 500), ("set/README.txt", b"words"))


def archive_of(server: Server) -> Archive:
    return Archive(server.url, "sha1:" + hashlib.sha1(server.body).hexdigest(), len(server.body), "set")


def test_an_archive_is_fetched_and_unpacked(server: Server, tmp_path: Path) -> None:
    server.body = zipped(*MEMBERS)
    server.breaks, server.break_after = 1, 100
    steps: list[str] = []
    fetch_archive(archive_of(server), tmp_path / "new", progress=lambda step, done, total: steps.append(step))
    for name, content in MEMBERS:
        assert (tmp_path / "new" / name).read_bytes() == content
    assert not (tmp_path / "new" / "music.zip").exists()
    assert list(dict.fromkeys(steps)) == ["downloading", "checking", "unpacking"]
    fetch_archive(archive_of(server), tmp_path / "kept", keep_archive=True)
    assert (tmp_path / "kept" / "music.zip").is_file()


def test_unpacking_goes_on_and_leaves_whole_files(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(zipped(*MEMBERS))
    whole, cut = tmp_path / "set/000/a.mp3", tmp_path / "set/000/b.mp3"
    whole.parent.mkdir(parents=True)
    whole.write_bytes(b"xxx" * 500)
    cut.write_bytes(b"bb")
    unpack(tmp_path / "x.zip", tmp_path)
    assert whole.read_bytes() == b"xxx" * 500, "a file of full length is not written again"
    assert cut.read_bytes() == b"bb" * 500
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("name", ["../out.txt", "/out.txt", "set/../../out.txt", "..\\out.txt", "C:/out.txt"])
def test_names_that_lead_out_are_refused(name: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "x.zip").write_bytes(zipped(("good.txt", b"good"), (name, b"evil")))
    with pytest.raises(DataError, match="leads out"):
        unpack(tmp_path / "x.zip", root)
    assert not list(root.iterdir()), "not even the good ones are unpacked"
    assert [path.name for path in tmp_path.iterdir() if path.name == "out.txt"] == []


def test_links_are_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(info, "/etc")
    with pytest.raises(DataError, match="a link that leads out"):
        unpack(tmp_path / "x.zip", tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "set").symlink_to(elsewhere)
    (tmp_path / "y.zip").write_bytes(zipped(*MEMBERS))
    with pytest.raises(DataError, match="leads out"):
        unpack(tmp_path / "y.zip", tmp_path / "root")
    assert not list(elsewhere.iterdir())


def test_damaged_zips_are_refused(tmp_path: Path) -> None:
    whole = zipped(("a.bin", bytes(range(256)) * 64))
    (tmp_path / "cut.zip").write_bytes(whole[:200])
    damaged = bytearray(whole)
    damaged[60:90] = bytes(30)
    (tmp_path / "damaged.zip").write_bytes(damaged)
    for name in ("cut.zip", "damaged.zip"):
        with pytest.raises(DataError, match=f"{name} cannot be unpacked"):
            unpack(tmp_path / name, tmp_path / "root")
    assert not (tmp_path / "root" / "a.bin").exists()


def test_two_fetches_into_one_folder_do_not_meet(server: Server, tmp_path: Path) -> None:
    from filelock import FileLock

    with FileLock(tmp_path / ".music.zip.lock"), pytest.raises(DataError, match="Another fetch"):
        fetch_archive(archive_of(server), tmp_path)


def test_fetch_by_name(server: Server, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Did you mean 'fma_small'"):
        fetch("fma-small", tmp_path)
    with pytest.raises(DataError, match="makes it on first use"):
        fetch("demo", tmp_path)
    with pytest.raises(DataError, match=rf"into {tmp_path / 'piano_disklavier'}, and run .* check piano_disklavier"):
        fetch("piano_disklavier", tmp_path)
    with pytest.raises(DataError, match="expected sha1:ade154f7"):
        fetch("fma_small", tmp_path, url=server.url)


def test_what_is_all_there_is_not_fetched(tmp_path: Path) -> None:
    from fstmuse.data.registry import shipped_manifest

    for clip in shipped_manifest(DATASETS["fma_small"]).clips:
        path = clip.file(tmp_path / "fma_small")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert fetch("fma_small", tmp_path, url="http://127.0.0.1:9/") == tmp_path / "fma_small"
    assert fetch("fma_small", tmp_path / "fma_small", url="http://127.0.0.1:9/") == tmp_path / "fma_small"
    shutil.rmtree(tmp_path / "fma_small")
