"""An artifact is written whole or not at all: kills, full disks and two at once leave the one that was there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock
import keras
import pytest
import tensorflow as tf

from fstmuse.artifacts import leftovers
from fstmuse.artifacts.card import Card, read_card, verify
from fstmuse.artifacts.find import find_artifact
from fstmuse.artifacts.save import record_metrics, save
from fstmuse.errors import ArtifactError
from fstmuse.spec import AudioSpec, MelSpec

resource = pytest.importorskip("resource", reason="no limits of files on this system")

REPOSITORY = Path(__file__).resolve().parents[2]
GONE = 2**22 + 1  # above Linux's largest process id


def card(remark: str = "") -> Card:
    audio, mel = AudioSpec(8000, 0.5), MelSpec(8000, 512, 256, 24, 0.0, 4000.0)
    return Card("mine", "tiny", "classify", ("A", "B"), audio, mel, 0.5, data={"name": remark})


def network() -> keras.Model:
    picture = keras.Input((None, 24))
    pooled = keras.layers.GlobalAveragePooling1D()(picture)
    return keras.Model(picture, keras.layers.Dense(2, activation="softmax")(pooled))


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    save(network(), card("first"), tmp_path / "models" / "mine")
    return tmp_path / "models" / "mine"


def assert_whole(artifact: Path, remark: str) -> None:
    received = read_card(artifact)
    verify(received, artifact)
    assert received.data["name"] == remark


def visible_and_hidden(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix != ".lock")


def test_an_artifact_of_the_same_name_is_replaced(artifact: Path) -> None:
    written = save(network(), card("second"), artifact)
    assert_whole(artifact, "second")
    assert written == read_card(artifact)
    assert visible_and_hidden(artifact.parent) == ["mine"]


KILLED = """
import os, signal, sys
sys.path.insert(0, {repository!r})
from pathlib import Path
from fstmuse.artifacts import leftovers
artifact, moment = Path(sys.argv[1]), int(sys.argv[2])
rename, done = Path.rename, []
def counted(self, target):
    if len(done) == moment:
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(target)
    return rename(self, target)
Path.rename = counted
with leftovers.workplace(artifact) as part:
    (part / "card.json").write_text("new")
    leftovers.replace(part, artifact)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_while_replacing(artifact: Path, moment: int) -> None:
    program = KILLED.format(repository=str(REPOSITORY))
    result = subprocess.run([sys.executable, "-c", program, str(artifact), str(moment)], check=False)
    assert result.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform == "win32", reason="kills by a signal")
@pytest.mark.parametrize("moment", [0, 1, 2, 3])
def test_a_kill_at_any_rename(artifact: Path, moment: int) -> None:
    """Before the first rename, between them, after the last: old or new stands under its name, whole."""
    kill_while_replacing(artifact, moment)
    assert len(visible_and_hidden(artifact.parent)) == 2
    if moment < 2:
        assert_whole(artifact, "first")
    else:
        assert (artifact / "card.json").read_text() == "new"
    save(network(), card("next"), artifact)
    assert_whole(artifact, "next")
    assert visible_and_hidden(artifact.parent) == ["mine"]


@pytest.mark.skipif(sys.platform == "win32", reason="kills by a signal")
def test_a_killed_replacement_is_found_by_its_bare_name(artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FSTMUSE_MODELS", str(artifact.parent))
    kill_while_replacing(artifact, 1)
    assert not artifact.exists()
    assert find_artifact("mine") == artifact
    assert_whole(artifact, "first")


def test_a_deleted_artifact_stays_deleted(artifact: Path) -> None:
    save(network(), card("second"), artifact)
    shutil.rmtree(artifact)
    with pytest.raises(ArtifactError, match="holds no artifact"):
        read_card(artifact)


def test_leftovers_are_swept_and_those_of_other_names_are_not(artifact: Path) -> None:
    for name in (f".mine.{GONE}.part", f".mine.{GONE}.old", f".mine.too.{GONE}.part", f".min.{GONE}.old", ".mine"):
        shutil.copytree(artifact, artifact.with_name(name))
    save(network(), card("second"), artifact)
    assert_whole(artifact, "second")
    assert visible_and_hidden(artifact.parent) == sorted(
        [".mine", f".mine.too.{GONE}.part", f".min.{GONE}.old", "mine"]
    )


def test_leftovers_are_no_artifacts(artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FSTMUSE_MODELS", str(artifact.parent))
    shutil.copytree(artifact, artifact.with_name(f".other.{GONE}.part"))
    with pytest.raises(ArtifactError, match=rf"Artifacts in {artifact.parent}: mine\.$"):
        read_card(artifact.with_name("missing"))
    with pytest.raises(ArtifactError, match=r"Known: mine\.$"):
        find_artifact("zzzzz")


def test_two_at_once(artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "_PATIENCE_S", 0.1)
    shutil.copytree(artifact, artifact.with_name(f".mine.{GONE}.part"))
    with filelock.FileLock(artifact.with_name(".mine.lock")):
        with pytest.raises(ArtifactError, match="another process is writing it"):
            save(network(), card("second"), artifact)
        assert artifact.with_name(f".mine.{GONE}.part").exists()  # the other one's work
        artifact.rename(artifact.with_name(f".mine.{GONE}.old"))
        started = time.monotonic()
        with pytest.raises(ArtifactError, match="holds no artifact"):
            read_card(artifact)
        assert time.monotonic() - started < 5
    assert_whole(artifact, "first")


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [1_000, 15_000])
def test_a_disk_that_takes_no_more(artifact: Path, size: int) -> None:
    """Python ignores the signal, so that writing beyond the limit is an OSError, as on a full disk."""
    with files_no_larger_than(size), pytest.raises(ArtifactError) as caught:
        save(network(), card("second"), artifact)
    assert str(caught.value).startswith(f"{artifact} cannot be written: ")
    assert "Free space, or choose another place for models by FSTMUSE_MODELS" in str(caught.value)
    assert_whole(artifact, "first")
    assert visible_and_hidden(artifact.parent) == ["mine"]


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), tf.errors.ResourceExhaustedError(None, None, "No space left")]
)
def test_a_full_disk_in_words(artifact: Path, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("fstmuse.artifacts.save.export_saved_model", fail)
    with pytest.raises(ArtifactError, match=r"mine cannot be written: No space left"):
        save(network(), card("second"), artifact)
    assert_whole(artifact, "first")


def test_a_place_that_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file")
    with pytest.raises(ArtifactError, match=r"mine cannot be written: (Not a directory|File exists)"):
        save(network(), card(), tmp_path / "models" / "mine")


def test_metrics_that_cannot_be_written(artifact: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with files_no_larger_than(10), pytest.raises(ArtifactError, match="mine cannot be written"):
        record_metrics(artifact, "test", {"accuracy": 1.0})
    assert_whole(artifact, "first")
    assert os.path.exists(artifact / "README.md")  # noqa: PTH110
