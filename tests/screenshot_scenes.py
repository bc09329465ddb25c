"""Scenes of `tests/screenshots.py` in which a sound is made of a clip."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gui.core.jobs import Job
    from tests.screenshots import Camera


def gaps(camera: Camera, clip: Path) -> None:
    """Gaps of a clip that were found and filled; what is seen is the clip after that."""
    window = camera.shown
    view = window.clip_view
    window.clips.show_page("infill")
    window.take([str(clip)])
    camera.until(lambda: any(job.path == str(clip) for job in window.runner.jobs), "the clip is added")
    job = next(job for job in window.runner.jobs if job.path == str(clip))
    window.queue_panel.choose(job.id)
    camera.until(lambda: view.clip.path == job.path and view.clip.picture.complete, "the clip is drawn")
    window.clips.view.gaps.find.click()
    camera.until(lambda: bool(window.clips.view.gaps.gaps), "dropouts are found")
    window.clips.ask([job.id], fresh=True)
    camera.until(lambda: view.comparing, "the gaps are filled")
    camera.until(lambda: view.second.picture.complete, "the filled clip is drawn")
    view.axis.show(8.0, 11.0)
    view.axis.seek(9.0)
    camera.shoot("gaps")


def continuation(camera: Camera, job: Job) -> None:
    """A clip that goes on; what is seen is the clip after that, around the join."""
    window = camera.shown
    view = window.clip_view
    window.clips.show_page("go_on")
    window.queue_panel.choose(job.id)
    camera.until(lambda: view.clip.path == job.path and view.clip.picture.complete, "the clip is drawn")
    ended_s = view.axis.duration
    window.clips.ask([job.id], fresh=True)
    camera.until(lambda: ("go_on" in {verb for verb, _ in job.answers}) and view.comparing, "the clip goes on")
    camera.until(lambda: view.second.picture.complete, "the longer clip is drawn")
    view.axis.show(ended_s - 4, ended_s + 2)
    view.axis.seek(ended_s - 1)
    camera.shoot("continuation")
