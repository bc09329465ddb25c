"""FstMuse: learning from music as pictures of sound."""

from fstmuse import startup

__version__ = "0.1.0"

if startup.is_command():
    startup.end_at_once()
