"""What an answer says in a few words, for the queue."""

from __future__ import annotations

from functools import singledispatch

from fstmuse.inference.results import Classification


@singledispatch
def result_words(result: object) -> str:
    """What stands in the queue beside a clip.

    Args:
        result: of a session's method. A page whose results are of another kind registers words of its own:
            `@result_words.register`, in its file.

    Returns:
        Words, translated; none for a kind that has not been registered.
    """
    return ""


@result_words.register
def _(result: Classification) -> str:
    """The likeliest label and its probability."""
    [(label, probability)] = result.top(1)
    # As with the bars, what is not certain is not rounded to certainty.
    return f"{label} {'>0.99' if 0.995 <= probability < 1 else f'{probability:.2f}'}"
