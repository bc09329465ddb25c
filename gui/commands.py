"""What the window's actions do, where it concerns more than one part, and when they can be chosen."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtWidgets import QApplication, QDialog

from fstmuse.artifacts.shelf import serving

from .about import About
from .core.jobs import ACTIVE, State
from .icons import icon
from .intaking import paths_in
from .panels.asking import ask_folder, ask_sounds
from .panels.preferences import Preferences
from .panels.shortcuts import Shortcuts
from .reveal import reveal_or_say
from .takes import VERB

if TYPE_CHECKING:
    from .window import Window

_CLIP = "clip_view."
"""Where handlers begin that need a clip."""


class Commands(QObject):
    """Does what the table of actions names `commands...`.

    Args:
        window: whose parts are commanded.
    """

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._window, self._context = window, window.context
        self._dialogs: dict[type[QDialog], QDialog] = {}
        self._told: dict[str, tuple[bool, str]] = {}
        # Of a hundred changes in one turn, only the last decides what can be chosen.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.enable)
        context, clips = self._context, window.clips
        for signal in (
            context.shelf.changed,
            context.runner.changed,
            context.runner.added,
            context.runner.removed,
            context.takes.changed,
            context.takes.current_changed,
            clips.shown,
            clips.comparing.changed,
            clips.page_changed,
            clips.chooser.chosen,
            window.stack.currentChanged,
        ):
            signal.connect(self._soon.start)
        context.player.playingChanged.connect(self._show_playing)
        window.clip_view.transport.loop_button.toggled.connect(context.actions["loop"].setChecked)
        self._show_playing(False)

    def _show_playing(self, playing: bool) -> None:
        action = self._context.actions["play_pause"]
        action.setIcon(icon("pause" if playing else "play"))
        # What the button of the toolbar is called; menus and the list of keys name both.
        action.setIconText(self.tr("Pause") if playing else self.tr("Play"))

    def open_files(self) -> None:
        """Asks for files and takes them."""
        ask_sounds(self._window, self.tr("Open sound files"), self._context.settings.open_folder, self._opened)

    def open_folder(self) -> None:
        """Asks for a folder and takes what is in it."""
        title = self.tr("Open a folder of sound files")
        ask_folder(self._window, title, self._context.settings.open_folder, lambda path: self._opened([path]))

    def _opened(self, paths: list[str]) -> None:
        self._context.settings.open_folder = str(Path(paths[0]).parent)
        self._window.take(paths)

    def paste(self) -> None:
        """Takes files from the clipboard."""
        paths = paths_in(QApplication.clipboard().mimeData())
        if paths:
            self._window.take(paths)
        else:
            self._context.say(self.tr("The clipboard holds no files and no paths."))

    def run(self) -> None:
        """Asks about the selected rows, or without a selection about all that have no answer; or for something new."""
        if self._window.clips.page.new and self._window.clips.models:
            self._window.clips.view.make()
        elif ids := self._window.queue_panel.selected():
            self._ask(ids, True)
        else:
            self.run_all()

    def run_all(self) -> None:
        """Asks about all rows that have no answer and do not wait for one."""
        jobs = self._context.runner.jobs
        self._ask([job.id for job in jobs if job.state is not State.WAITING and job.state not in ACTIVE], False)

    def _ask(self, ids: list[int], fresh: bool) -> None:
        if not self._window.clips.models:
            self._context.say(self.tr("Choose a model first."))
        elif not self._window.clips.ask(ids, fresh):
            self._context.say(self.tr("There is no clip to ask about."))

    def choose_verb(self, verb: str) -> None:
        """Shows a task. Asking is another button: one that did both would leave the user in doubt.

        Args:
            verb: of the page.
        """
        self._window.show_page("clips")
        self._window.clips.show_page(verb)

    def show_output(self) -> None:
        """Opens the folder of results."""
        folder = Path(self._context.settings.output_folder)
        if not folder.is_dir():
            self._context.say(self.tr("{0} is made with the first result that is saved.").format(folder))
        else:
            reveal_or_say(folder, self._context.say)

    def show_log(self) -> None:
        """Opens the folder of the log."""
        log = self._window.log
        if log is None or log.path is None:
            self._context.say(self.tr("There is no log that could be shown."))
        else:
            reveal_or_say(log.path, self._context.say)

    def show_preferences(self) -> None:
        """Opens the preferences."""
        self._show(Preferences, partial(Preferences, self._context.settings, self._window))

    def show_shortcuts(self) -> None:
        """Opens the page of keys."""
        self._show(Shortcuts, partial(Shortcuts, self._context.actions, self._window))

    def show_about(self) -> None:
        """Opens the About box."""
        self._show(About, partial(About, self._window))

    def set_full_screen(self, on: bool) -> None:
        """Fills the screen, or no longer."""
        self._window.showFullScreen() if on else self._window.showNormal()

    def _show(self, kind: type[QDialog], make: partial) -> None:
        if kind not in self._dialogs:
            self._dialogs[kind] = make()
        dialog = self._dialogs[kind]
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def enable(self) -> None:
        """Lets each action be chosen where it can do something; elsewhere its tip says why it cannot."""
        window, context = self._window, self._context
        clips, page = window.clips, window.clips.page
        here = window.stack.currentWidget() is clips
        for each in window.pages:
            able = bool(serving(context.shelf.models, each.tasks))
            self._tell(each.verb, able, QCoreApplication.translate("Page", each.missing))
            context.actions[each.verb].setChecked(able and here and each is page)
        asks = bool(window.clips.models)
        if not here:
            # Nobody sees what is selected there.
            keys = context.actions["clips"].shortcut().toString()
            reason = self.tr("Show the page of clips first ({0})").format(keys)
        else:
            reason = self.tr("Add clips first") if asks else self.tr("There is no model to ask: choose or train one")
        why_not = clips.view.why_not() if here and asks and page.new else ""
        able = here and asks and not why_not and (page.new or len(context.runner.jobs) > 0)
        self._tell("run", able, why_not or reason)
        about = asks and page.new
        reason = self.tr("Run makes something new each time") if about else reason
        self._tell("run_all", here and asks and not page.new and len(context.runner.jobs) > 0, reason)
        answered = any(job.answers for job in context.runner.jobs)
        for name in ("export_table", "export_along_time"):
            self._tell(name, answered, self.tr("There is no answer to export yet."))
        self._tell("cancel_all", context.runner.busy, self.tr("Nothing waits or runs"))
        clip = here and window.clip_view.clip is not None
        for entry in context.actions.entries.values():
            if entry.handler.startswith(_CLIP):
                self._tell(entry.name, clip, self.tr("No clip is shown"))
        reason = clips.comparing.reason if clip else self.tr("No clip is shown")
        self._tell("compare", not reason, reason)
        compared = clip and window.clip_view.comparing
        context.actions["compare"].setText(self.tr("Sto&p comparing") if compared else self.tr("Com&pare"))
        keys = context.actions["compare"].shortcut().toString()
        alone = self.tr("Nothing is compared: select two clips in the queue and press {0}").format(keys)
        self._tell("toggle_ab", compared, alone)
        self._enable_takes(here, here and page.verb == VERB)
        for name, widget in window.full_pages.items():
            context.actions[name].setChecked(widget is window.stack.currentWidget())

    def _enable_takes(self, here: bool, makes: bool) -> None:
        """Lets what is about takes be chosen: what makes some on their page, the rest wherever one is shown."""
        takes, actions = self._context.takes, self._context.actions
        elsewhere = self.tr("Show the page that makes music first ({0})").format(
            actions[VERB].shortcut().toString() if VERB in actions else ""
        )
        done = takes.answer(takes.current) is not None
        reasons = {
            "new_seed": "" if makes else elsewhere,
            "between_takes": takes.why_not_between_kept() if makes else elsewhere,
            **dict.fromkeys(("previous_take", "next_take"), "" if takes.jobs else self.tr("There are no takes yet")),
            **dict.fromkeys(("keep_take", "save_take", "copy_seed"), "" if done else self.tr("Choose a take first")),
        }
        for name, reason in reasons.items():
            self._tell(name, here and not reason, reason if here else elsewhere)

    def _tell(self, name: str, able: bool, reason: str) -> None:
        if self._told.get(name) != (able, reason):
            self._told[name] = able, reason
            self._context.actions.set_enabled(name, able, reason)
