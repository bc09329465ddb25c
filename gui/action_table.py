"""The table of everything that can be done. `actions` makes the actions, menus and keys from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP


def _(text: str) -> str:
    """Marks a text of the table for translation in the context "Actions"."""
    return QT_TRANSLATE_NOOP("Actions", text)


@dataclass(frozen=True)
class Entry:
    """Something that can be done.

    Args:
        name: by which code asks for its action.
        text: in menus, & before the letter that chooses it; to be translated in `context`.
        keys: key sequences, the first of them shown.
        menu: name of one of `MENUS`.
        tip: what it does; to be translated in `context`.
        handler: what does it: a dotted path from the window, such as `clip_view.zoom_in`.
        arguments: of the handler.
        icon: name in `icons`; empty for none.
        checkable: it is on or off; the handler is told which, behind `arguments`.
        group: a line parts neighbours of different groups in a menu.
        context: of the translation.
    """

    name: str
    text: str
    keys: tuple[str, ...]
    menu: str
    tip: str
    handler: str
    arguments: tuple[Any, ...] = ()
    icon: str = ""
    checkable: bool = False
    group: int = 0
    context: str = "Actions"


MENUS = {
    "file": _("&File"),
    "clips": _("&Clips"),
    "task": _("&Task"),
    "play": _("&Play"),
    "view": _("&View"),
    "help": _("&Help"),
}
"""Names and titles of the menus, in order."""

TABLE = (
    Entry(
        "open_files", _("&Open files..."), ("Ctrl+O",), "file", _("Add sound files"), "commands.open_files", icon="open"
    ),
    Entry(
        "open_folder",
        _("Open &folder..."),
        ("Ctrl+Shift+O",),
        "file",
        _("Add all sound files of a folder, with all folders in it"),
        "commands.open_folder",
        icon="folder",
    ),
    Entry(
        "paste",
        _("&Paste"),
        ("Ctrl+V",),
        "file",
        _("Add files that were copied in a file manager, or paths copied as text"),
        "commands.paste",
        icon="paste",
    ),
    Entry(
        "show_output",
        _("Show output fol&der"),
        ("Ctrl+Shift+F",),
        "file",
        _("Open the folder where results are written"),
        "commands.show_output",
        icon="folder",
        group=1,
    ),
    Entry(
        "preferences",
        _("Pr&eferences..."),
        ("Ctrl+,",),
        "file",
        _("Look, output folder, models folder"),
        "commands.show_preferences",
        icon="settings",
        group=2,
    ),
    Entry("quit", _("&Quit"), ("Ctrl+Q",), "file", _("Close the window"), "close", group=3),
    Entry(
        "run",
        _("&Run"),
        ("Ctrl+Return", "Ctrl+Enter"),
        "clips",
        _("Ask the models about the selected clips; without a selection, about all that have no answer yet"),
        "commands.run",
        icon="play",
    ),
    Entry(
        "run_all",
        _("Run a&ll"),
        ("Ctrl+Shift+Return",),
        "clips",
        _("Ask the models about all clips that have no answer yet"),
        "commands.run_all",
    ),
    Entry(
        "cancel",
        _("&Cancel"),
        ("Ctrl+.",),
        "clips",
        _("Stop the selected clips"),
        "queue_panel.cancel_selected",
        icon="cancel",
    ),
    Entry("cancel_all", _("Cancel &all"), ("Ctrl+Shift+.",), "clips", _("Stop all clips"), "runner.cancel_all"),
    Entry(
        "retry",
        _("Re&try"),
        ("Ctrl+R",),
        "clips",
        _("Ask once more about selected clips that failed or were cancelled"),
        "queue_panel.retry_selected",
        icon="retry",
    ),
    Entry(
        "remove",
        _("Re&move from the list"),
        ("Del",),
        "clips",
        _("Take the selected clips off the list; files stay where they are"),
        "queue_panel.remove_selected",
        icon="remove",
        group=1,
    ),
    Entry(
        "move_up",
        _("Move &up"),
        ("Alt+Up",),
        "clips",
        _("Do it earlier"),
        "queue_panel.move_selected",
        (-1,),
        icon="up",
        group=2,
    ),
    Entry(
        "move_down",
        _("Move &down"),
        ("Alt+Down",),
        "clips",
        _("Do it later"),
        "queue_panel.move_selected",
        (1,),
        icon="down",
        group=2,
    ),
    Entry(
        "show_in_folder",
        _("&Show in folder"),
        ("Ctrl+E",),
        "clips",
        _("Open the folder of the clip's results, or of the clip when there are none"),
        "queue_panel.show_in_folder",
        icon="folder",
        group=3,
    ),
    Entry(
        "compare",
        _("Com&pare"),
        ("Ctrl+B",),
        "clips",
        _("See and hear the other selected clip as B, at the same position as the one that is shown; again to stop"),
        "clips.comparing.toggle",
        icon="compare",
        group=3,
    ),
    Entry(
        "play_pause", _("&Play or pause"), ("Space",), "play", _("Play or pause"), "clip_view.play_pause", icon="play"
    ),
    Entry(
        "loop",
        _("&Loop selection"),
        ("L",),
        "play",
        _("Play the selection again and again"),
        "clip_view.toggle_loop",
        icon="loop",
    ),
    Entry(
        "toggle_ab",
        _("Swap &A and B"),
        ("X",),
        "play",
        _("Hear before or after at the same position"),
        "clip_view.toggle_ab",
        icon="compare",
    ),
    Entry("home", _("To the be&ginning"), ("Home",), "play", _("Move the cursor"), "clip_view.home", group=1),
    Entry("end", _("To the &end"), ("End",), "play", _("Move the cursor"), "clip_view.end", group=1),
    Entry("back", _("&Back 1 s"), ("Left",), "play", _("Move the cursor"), "clip_view.seek_by", (-1.0,), group=1),
    Entry("forward", _("&Forward 1 s"), ("Right",), "play", _("Move the cursor"), "clip_view.seek_by", (1.0,), group=1),
    Entry(
        "column_back",
        _("One column back"),
        ("Ctrl+Left",),
        "play",
        _("Move the cursor by one column of the spectrogram"),
        "clip_view.step_column",
        (-1,),
        group=1,
    ),
    Entry(
        "column_forward",
        _("One column forward"),
        ("Ctrl+Right",),
        "play",
        _("Move the cursor by one column of the spectrogram"),
        "clip_view.step_column",
        (1,),
        group=1,
    ),
    Entry(
        "select_all",
        _("Select &whole clip"),
        ("Ctrl+A",),
        "play",
        _("Select from beginning to end"),
        "clip_view.select_all",
        group=2,
    ),
    Entry(
        "clear_selection",
        _("&Clear selection"),
        ("Esc",),
        "play",
        _("Select nothing"),
        "clip_view.clear_selection",
        group=2,
    ),
    Entry("zoom_in", _("Zoom &in"), ("+", "="), "view", _("Zoom in"), "clip_view.zoom_in", icon="zoom-in"),
    Entry("zoom_out", _("Zoom &out"), ("-",), "view", _("Zoom out"), "clip_view.zoom_out", icon="zoom-out"),
    Entry("fit", _("&Fit"), ("F",), "view", _("Show the whole clip"), "clip_view.fit", icon="fit"),
    Entry(
        "zoom_selection", _("Zoom to &selection"), ("Z",), "view", _("Show nothing else"), "clip_view.zoom_selection"
    ),
    Entry("clips", _("&Clips"), ("Alt+1",), "view", _("Clips and answers"), "show_page", ("clips",), "open", True, 1),
    Entry(
        "train",
        _("&Train"),
        ("Alt+2",),
        "view",
        _("Train a model of your own"),
        "show_page",
        ("train",),
        "train",
        True,
        1,
    ),
    Entry(
        "models",
        _("&Models"),
        ("Alt+3",),
        "view",
        _("The models there are"),
        "show_page",
        ("models",),
        "models",
        True,
        1,
    ),
    Entry(
        "full_screen",
        _("F&ull screen"),
        ("F11",),
        "view",
        _("Fill the screen"),
        "commands.set_full_screen",
        (),
        "",
        True,
        2,
    ),
    Entry("shortcuts", _("&Keyboard shortcuts"), ("F1",), "help", _("All keys"), "commands.show_shortcuts"),
    Entry("show_log", _("Show &log"), (), "help", _("Open the folder of the log file"), "commands.show_log", group=1),
    Entry(
        "about", _("&About FstMuse"), (), "help", _("Versions and licence"), "commands.show_about", icon="info", group=2
    ),
)
"""All but the tasks, which `find_pages` finds."""
