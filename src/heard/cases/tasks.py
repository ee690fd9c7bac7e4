"""What the worker does about cases."""

from heard.cases.actions import clocks


def go_round() -> None:
    """Nudge about duties whose time comes or has passed."""
    clocks.go_round()
