"""Those who look on: the terminal's words, on a terminal and elsewhere; the base shows nothing."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from fstmuse.watch import ConsoleWatch, Watch

ROW = {"epoch": 3, "loss": 0.51234, "accuracy": 0.75}


def play(watch: Watch) -> None:
    watch.say("Training [toymodel] on lesson.")
    with watch.working("reading clips") as advance:
        advance(1, 2)
        advance(2, 2)
    watch.begin_epoch(3, 40, 2)
    watch.step(1, 0.7, -1.0)
    watch.step(2, 0.5, 80.0)
    watch.epoch(ROW | {"val_loss": 0.25, "val_accuracy": 0.9}, 40, 4.2, 89.0)
    watch.epoch(ROW | {"epoch": 4}, 40, 4.2, 91.0)
    watch.figure(Path("examples.png"))
    watch.begin_epoch(5, 40, 2)
    watch.leave_epoch()


def test_a_file_gets_sentences_and_a_line_an_epoch() -> None:
    out = io.StringIO()
    play(ConsoleWatch(Console(file=out, soft_wrap=True, highlight=False)))
    assert out.getvalue().splitlines() == [
        "Training [toymodel] on lesson.",
        "epoch   3/40  loss 0.512  accuracy 0.750  valid loss 0.250  accuracy 0.900  4 s, 89 s left",
        "epoch   4/40  loss 0.512  accuracy 0.750  4 s, 2 min left",
    ]


def test_a_terminal_gets_bars_too_and_keeps_the_cursor() -> None:
    out = io.StringIO()
    play(ConsoleWatch(Console(file=out, force_terminal=True, width=120, highlight=False)))
    shown = out.getvalue()
    for needed in ("reading clips", "epoch 3/40", "loss 0.500", "epoch   4/40  loss 0.512"):
        assert needed in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 3, "each bar hides the cursor and gives it back"


def test_nobody_is_shown_anything(capfd) -> None:
    play(Watch())
    assert capfd.readouterr() == ("", "")
