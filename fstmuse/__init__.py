"""FstMuse: learning from music as pictures of sound."""

__version__ = "0.1.0"
