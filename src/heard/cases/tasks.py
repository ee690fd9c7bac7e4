"""What the worker does about cases."""

from heard.cases.actions import clocks, measures


def go_round() -> None:
    """End measures whose last day has passed, and nudge about duties whose time comes or has passed."""
    measures.run_out()
    clocks.go_round()
