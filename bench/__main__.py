"""`make bench`: measures on this machine and rewrites the table in docs/performance.md."""

import datetime
import platform
import tempfile
from pathlib import Path

from bench import cases, exclusion, lists, pages, serving

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BEGIN, END = "<!-- measured -->", "<!-- end -->"


def machine() -> str:
    """Return what this machine is."""
    cpus = [line.partition(": ")[2] for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    return f"{len(cpus)} × {cpus[0] if cpus else platform.machine()}, Python {platform.python_version()}"


def main() -> None:
    """Measure everything, print it, and keep it."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for measure in (serving.measure, pages.measure, lists.measure, exclusion.measure, cases.measure):
            for row in measure(Path(folder)):
                print(f"{row.what:62} {row.figure:>22}   goal {row.goal}", flush=True)
                rows.append(row)
    table = ["", f"Machine: {machine()}. Date: {datetime.date.today()}. SQLite, loopback, plain HTTP.", ""]
    table += [
        "| what | measured | goal |",
        "|---|---|---|",
        *(f"| {r.what} | {r.figure} | {r.goal} |" for r in rows),
        "",
    ]
    text = PAGE.read_text()
    head, _, rest = text.partition(BEGIN)
    PAGE.write_text(head + BEGIN + "\n".join(table) + END + rest.partition(END)[2])


if __name__ == "__main__":
    main()
