"""Paper: a Typst template filled with data, as PDF."""

import json
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "paper"


def render(template: str, data: dict[str, Any]) -> bytes:
    """Return a document as PDF. Nothing is written to disk."""
    import typst  # ten megabytes in every process, for something that is done once a year

    pdf: bytes = typst.compile(
        (TEMPLATES / f"{template}.typ").read_bytes(), sys_inputs={"data": json.dumps(data)}, ignore_system_fonts=True
    )
    return pdf
