"""What the parts of the window share: one object, made once, handed to each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .actions import Actions
    from .clip_view import ClipView
    from .looking import Looking
    from .player import Player
    from .runner import Runner
    from .settings import Settings
    from .shelf import Shelf
    from .takes import Takes


@dataclass
class Context:
    """The parts that others need.

    Args:
        settings: what the user has chosen, remembered.
        runner: the queue and the child that answers.
        looking: pictures and samples of clips.
        player: sounds them.
        shelf: the trained networks there are.
        actions: everything that can be done, with its key.
        say: shows a line in the status bar for some seconds.
        error: shows a dialog; arguments are the title, what happened in words, and details to copy.
        wrote: shows a line about a file that was written, and a button that shows it in its folder.
        selected: numbers of the selected rows of the queue, from top to bottom.
        clip_view: the clip that is looked at; None until the window has made it.
        takes: music that was made from noise; None until the window has made it.
        beside: the file that a page put beside each row's clip, by number of the row: pages know what others put there.
    """

    settings: Settings
    runner: Runner
    looking: Looking
    player: Player
    shelf: Shelf
    actions: Actions
    say: Callable[[str], None]
    error: Callable[[str, str, str], None]
    wrote: Callable[[str, str], None]
    selected: Callable[[], list[int]] = list
    clip_view: ClipView | None = None
    takes: Takes | None = None
    beside: dict[int, str] = field(default_factory=dict)
