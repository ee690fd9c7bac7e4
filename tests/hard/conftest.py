"""Servers for hard times."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.services import Heard


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Heard]]:
    """Return a maker of servers, on the database and storage of this run."""
    servers: list[Heard] = []

    def make(**options: Any) -> Heard:
        given = {
            "database": os.environ.get("TESTS_DATABASE", ""),
            "storage": os.environ.get("TESTS_STORAGE", ""),
        }
        server = Heard(tmp_path, **(given | options))
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.stop()
        server.log.close()


def found(pattern: str, text: str) -> str:
    """Return the first group of a pattern."""
    match = re.search(pattern, text)
    assert match, f"{pattern} is not in: {text[:3000]}"
    return match[1]


def token_of(text: str) -> str:
    return found(r'name="token" value="(\w+)"', text)


def code_of(text: str) -> str:
    return found(r'id="code">([\w-]+)<', text)


def pass_of(text: str) -> str:
    return found(r'name="pass" value="(\w+)"', text)


def told(server: Heard, code: str) -> str:
    """Return the mailbox page with the report shown."""
    page = server.ask_until_answered("POST", "/receipt/", {"code": code})
    return server.ask_until_answered("POST", "/receipt/look/", {"pass": pass_of(page.text), "show": "yes"}).text
