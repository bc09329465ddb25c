"""Scenes of `tests/screenshots.py` in which a sound is made, of a clip or of noise."""

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


def takes(camera: Camera) -> None:
    """Music from noise: while it is made, then four takes of which two are kept, and what lies between these."""
    window = camera.shown
    made = window.takes
    window.clips.show_page("generate")
    camera.shoot("takes-empty")
    page = window.clips.view
    page.form.seed.setValue(7)
    page.form.seconds.setValue(6)

    def ask(what) -> None:
        camera.until(lambda: not page.why_not(), "takes can be made")
        what()

    ask(page.make)
    camera.until(lambda: any(job.answers for job in made.jobs), "the first take is made")
    camera.until(lambda: any(job.fraction > 0.3 and not job.answers for job in made.jobs), "the second is being made")
    camera.shoot("takes-making")
    camera.until(lambda: not made.making, "all takes are made")
    first, _, third, _ = [job.id for job in made.jobs]
    for id in (first, third):
        made.toggle_kept(id)
    ask(made.between_kept)
    camera.until(lambda: not made.making, "takes between two are made")
    made.chosen.emit(third)
    view, draft = window.clip_view, made.answer(third).draft
    camera.until(lambda: view.clip.path == draft and view.clip.picture.complete, "the take is drawn")
    view.axis.seek(2.5)
    camera.shoot("takes")
