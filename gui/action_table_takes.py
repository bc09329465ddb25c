"""The part of the table of actions that is about takes: pieces of music that were made from noise."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP

from .action_entry import Entry

TAKES = (
    Entry(
        "new_seed",
        QT_TRANSLATE_NOOP("Actions", "&New seed"),
        ("N",),
        "takes",
        QT_TRANSLATE_NOOP("Actions", "Draw another seed for the next takes"),
        "takes.seed_wanted.emit",
        icon="dice",
    ),
    Entry(
        "previous_take",
        QT_TRANSLATE_NOOP("Actions", "&Previous take"),
        ("P",),
        "takes",
        QT_TRANSLATE_NOOP("Actions", "Show the take before this one"),
        "takes.step",
        (-1,),
        icon="up",
        group=1,
    ),
    Entry(
        "next_take",
        QT_TRANSLATE_NOOP("Actions", "Nex&t take"),
        ("T",),
        "takes",
        QT_TRANSLATE_NOOP("Actions", "Show the take after this one"),
        "takes.step",
        (1,),
        icon="down",
        group=1,
    ),
    Entry(
        "keep_take",
        QT_TRANSLATE_NOOP("Actions", "&Keep"),
        ("K",),
        "takes",
        QT_TRANSLATE_NOOP("Actions", "Let the take that is shown stay when new ones are made; again: no longer"),
        "takes.toggle_kept",
        icon="keep",
        group=2,
    ),
    Entry(
        "save_take",
        QT_TRANSLATE_NOOP("Actions", "&Save"),
        ("Ctrl+S",),
        "takes",
        QT_TRANSLATE_NOOP(
            "Actions", "Write the take that is shown into the folder of results: sound, picture and how it was made"
        ),
        "takes.files.save",
        icon="save",
        group=2,
    ),
    Entry(
        "copy_seed",
        QT_TRANSLATE_NOOP("Actions", "Copy s&eed"),
        ("Ctrl+Shift+C",),
        "takes",
        QT_TRANSLATE_NOOP("Actions", "Copy the seed of the take that is shown"),
        "takes.copy_seed",
        icon="paste",
        group=2,
    ),
    Entry(
        "between_takes",
        QT_TRANSLATE_NOOP("Actions", "&Between the two kept ones"),
        ("B",),
        "takes",
        QT_TRANSLATE_NOOP("Actions", "Make three takes that lead from one of the two kept takes to the other"),
        "takes.between_kept",
        icon="between",
        group=3,
    ),
)
"""Entries of the menu Takes, in order."""
