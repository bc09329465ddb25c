"""Downloading one file by HTTP: goes on where it broke off, and keeps nothing that has the wrong checksum."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fstmuse.errors import DataError

CHUNK = 1 << 14
"""Bytes read at once. What a broken connection had brought of the last chunk is lost in urllib3, so it is small."""

TIMEOUT_S = (20, 60)
"""Seconds to wait for a connection, and for the next bytes."""

ATTEMPTS = 5
"""Tries in a row that brought nothing new before giving up."""

Report = Callable[[str, int, int], None]


def download(
    url: str,
    target: Path,
    checksum: str,
    *,
    size: int = 0,
    unpacks: bool = False,
    pause_s: float = 1.0,
    progress: Report | None = None,
) -> None:
    """Downloads a file to `target`, unless it is there with the right checksum.

    What has arrived stays in `target` + ".part" when the connection breaks, and the next attempt, in this call or
    a later one, asks the server for the rest only.

    Args:
        url: http or https.
        target: where the whole, checked file comes to lie.
        checksum: "sha1:..." or "sha256:...".
        size: bytes expected, used for the check of disk space when the server does not tell.
        unpacks: whether it will be unpacked beside itself, so that the disk must hold its size twice: compressed
            sound hardly shrinks.
        pause_s: seconds before the second attempt; each further one waits twice as long.
        progress: called with "downloading" or "checking", bytes done and bytes in all (0: not known).

    Raises:
        DataError: the server cannot be reached or refuses, the disk is too full, or the checksum is wrong.
    """
    report = progress or (lambda step, done, total: None)
    if target.is_file():
        if _checksum(target, checksum, report) == checksum:
            return
        # An archive of this name with other content: not ours to delete, and in the way.
        raise DataError(f"{target} exists and is another file than the one published. Move it away and fetch again.")
    part = target.with_name(target.name + ".part")
    failures, farthest = 0, 0
    while True:
        try:
            _transfer(url, part, size, unpacks, report)
            break
        except _BrokenOff as problem:
            have = part.stat().st_size if part.is_file() else 0
            failures = 1 if have > farthest else failures + 1
            farthest = max(farthest, have)
            if failures >= ATTEMPTS:
                kept = f" {have:,} bytes are kept in {part}, from where the next attempt goes on." if have else ""
                raise DataError(
                    f"{url} could not be downloaded: {ATTEMPTS} attempts in a row failed, the last one by: {problem}."
                    f"{kept} Look after the connection and run the same command again."
                ) from None
            time.sleep(pause_s * 2 ** (failures - 1))
    received = _checksum(part, checksum, report)
    if received != checksum:
        part.unlink()
        raise DataError(
            f"{url}: checksum {received}, expected {checksum}. The server gave another file or it was damaged on the "
            f"way; {part.name} was removed. Fetch again, or use another mirror by --url."
        )
    part.replace(target)


def free_bytes(folder: Path) -> int:
    """Free bytes on the disk of a folder that exists."""
    return shutil.disk_usage(folder).free


def require_space(folder: Path, needed: int, what: str) -> None:
    """Refuses to start what the disk cannot hold.

    Raises:
        DataError: fewer than `needed` bytes are free; names both.
    """
    free = free_bytes(folder)
    if free < needed:
        raise DataError(
            f"Too little disk space under {folder} {what}: {needed:,} bytes needed, {free:,} free. "
            "Free some, or give --root a folder on another disk."
        )


class _BrokenOff(Exception):
    """The transfer ended early for a reason that may pass."""


def _transfer(url: str, part: Path, size: int, unpacks: bool, report: Report) -> None:
    """Asks for what `part` lacks and appends it; returns when the file is as long as the server says."""
    import requests

    have = part.stat().st_size if part.is_file() else 0
    # Without `identity` a server may compress on the way, and lengths would mean other bytes than those of the file.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    try:
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as answer:
            if answer.status_code == 416:
                # Nothing lies beyond what we have: it is whole, or longer than the file and thus from another one.
                if _total(answer) == have:
                    return
                part.unlink()
                raise _BrokenOff("the partial file did not fit")
            _require_success(url, answer)
            if have and not _continues(answer, have):
                have = 0
            total = _total(answer) or size
            require_space(part.parent, max(0, total - have) + (total if unpacks else 0), f"for {url}")
            report("downloading", have, total)
            with part.open("ab" if have else "wb") as file:
                for chunk in answer.iter_content(CHUNK):
                    file.write(chunk)
                    have += len(chunk)
                    report("downloading", have, total)
            if have < _total(answer):
                raise _BrokenOff(f"{have:,} of {_total(answer):,} bytes")
    except (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema):
        raise DataError(f"'{url}' is no address to download from. Expected http:// or https://.") from None
    except requests.exceptions.RequestException as error:
        raise _BrokenOff(_cause(error)) from None
    except OSError as error:
        raise DataError(f"{part} cannot be written ({error.strerror}).") from None


def _require_success(url: str, answer: Any) -> None:
    status = answer.status_code
    if status in (408, 429) or status >= 500:
        raise _BrokenOff(f"HTTP status {status}")
    if status not in (200, 206):
        raise DataError(
            f"{url}: the server answered {status} {answer.reason}. The file may have moved: "
            "see the data set's homepage in `datasets list`, and give the new address by --url."
        )


def _continues(answer: Any, have: int) -> bool:
    """Whether the server sends the rest; one that knows no ranges sends all from the start."""
    return answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")


def _total(answer: Any) -> int:
    """Bytes of the whole file as the server tells them, 0 when it does not."""
    whole = re.search(r"/(\d+)$", answer.headers.get("Content-Range", ""))
    if whole:
        return int(whole[1])
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdigit() and answer.status_code == 200 else 0


def _checksum(file: Path, expected: str, report: Report) -> str:
    """The file's checksum by the algorithm of the expected one."""
    import pooch

    size = file.stat().st_size
    report("checking", 0, size)
    algorithm = expected.partition(":")[0]
    received = f"{algorithm}:{pooch.file_hash(str(file), alg=algorithm)}"
    report("checking", size, size)
    return received


def _cause(error: Exception) -> str:
    """The innermost cause, in a line: the outer ones repeat the address in several wrappings."""
    inner: BaseException = error
    while inner.args and isinstance(inner.args[0], BaseException):
        inner = inner.args[0]
    reason = getattr(inner, "reason", None)
    return str(reason or inner).splitlines()[0][:160] or type(error).__name__
