"""The demo set: music in three styles that FstMuse makes itself, and piano pieces with their notes."""

from fstmuse.data.demo.piano import render_piano
from fstmuse.data.demo.render import ensure_demo, render_demo

__all__ = ["ensure_demo", "render_demo", "render_piano"]
