"""Makes docs/requirements.md from the marks on the tests: `python -m tests.requirement_ids [--check]`."""

import ast
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "requirements.md"
LAST = 81


def marked(node: ast.AST) -> list[str]:
    """Return the ids of `pytest.mark.requirement(...)` calls below a node's decorators or a `pytestmark`."""
    found = []
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "requirement":
            found += [str(a.value) for a in call.args if isinstance(a, ast.Constant)]
    return found


def tests_by_id() -> dict[str, set[str]]:
    """Return the tests of each id, as `path::name`."""
    by_id: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(path.read_text())
        whole = [
            i
            for n in tree.body
            if isinstance(n, ast.Assign) and "pytestmark" in ast.dump(n.targets[0])
            for i in marked(n)
        ]
        for node, inherited in with_classes(tree, whole):
            ids = inherited + [i for decorator in node.decorator_list for i in marked(decorator)]
            for requirement in ids:
                by_id[requirement].add(f"{path.relative_to(ROOT / 'tests')}::{node.name}")
    return by_id


def with_classes(tree: ast.Module, whole: list[str]) -> list[tuple[ast.FunctionDef, list[str]]]:
    """Return the test functions with what they inherit from their module and class."""
    found = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            found.append((node, whole))
        if isinstance(node, ast.ClassDef):
            own = whole + [i for decorator in node.decorator_list for i in marked(decorator)]
            found += [(n, own) for n in node.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")]
    return found


def page() -> str:
    """Return the page."""
    by_id = tests_by_id()
    wanted = [f"R{n}" for n in range(1, LAST + 1)]
    unknown = sorted(set(by_id) - set(wanted))
    if unknown:
        sys.exit(f"not ids of the guide: {unknown}")
    missing = [i for i in wanted if i not in by_id]
    lines = [
        "# Requirements and the tests that show them",
        "",
        "Made by `python -m tests.requirement_ids` from the marks on the tests; `make lint` checks that it is fresh.",
        "The ids number the lines of the guide to responding to violations of a code of conduct.",
        "",
        f"{LAST - len(missing)} of {LAST} have tests. Without one so far: {', '.join(missing)}.",
        "",
        "| id | tests |",
        "|---|---|",
        *(f"| {i} | {'<br>'.join(f'`{t}`' for t in sorted(by_id[i]))} |" for i in wanted if i in by_id),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv:
        if not PAGE.exists() or PAGE.read_text() != page():
            sys.exit("docs/requirements.md is not fresh. Run: python -m tests.requirement_ids")
    else:
        PAGE.write_text(page())
