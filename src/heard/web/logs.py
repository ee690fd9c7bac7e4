"""What a log line may say."""

import logging
from types import TracebackType

Info = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class TypesOnly(logging.Formatter):
    """Write where an error happened and its type, never its text: a text can quote what somebody typed."""

    def formatException(self, ei: Info) -> str:  # noqa: N802 (the name is logging's)
        """Return the places and the type."""
        kind, _error, trace = ei
        lines = []
        while trace is not None:
            code = trace.tb_frame.f_code
            lines.append(f"  {code.co_filename.rpartition('/heard/')[2]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        return "\n".join([*lines, f"  {kind.__name__ if kind else 'no error'}"])

    def format(self, record: logging.LogRecord) -> str:
        """Format a line; arguments that are exceptions or requests become their type."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                a if isinstance(a, str | int | float) and record.name.startswith("heard") else _named(a)
                for a in record.args
            )
        elif record.args and not record.name.startswith("heard"):
            record.msg, record.args = record.name, ()
        return super().format(record)


def _named(value: object) -> object:
    """Return numbers as they are (a format may need them), anything else as its type."""
    return value if isinstance(value, int | float) else f"<{type(value).__name__}>"
