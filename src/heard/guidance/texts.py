"""Letters and longer texts, by language."""

import tomllib
from functools import cache, lru_cache
from importlib import resources
from string import Formatter
from typing import Any

import nh3
from markdown_it import MarkdownIt

_markdown = MarkdownIt("commonmark", {"html": False}).disable("image")


@cache
def _texts(language: str) -> dict[str, Any]:
    folder = resources.files("heard.guidance") / "data"
    chosen = folder / language / "texts.toml"
    return tomllib.loads((chosen if chosen.is_file() else folder / "en" / "texts.toml").read_text(encoding="utf-8"))


def check_texts(language: str) -> None:
    """Read every text once. Raises ValueError or KeyError for one that is broken."""
    for kind in _texts(language).values():
        for text in kind.values():
            list(Formatter().parse(text["text"]))


def letter(name: str, language: str, **values: str) -> str:
    """Return a letter with its values filled in. Raises KeyError for a missing one."""
    return _filled("letter", name, language, values)


def page(name: str, language: str, **values: str) -> str:
    """Return a page's text as Markdown with its values filled in."""
    return _filled("page", name, language, values)


@lru_cache(maxsize=256)
def as_html(markdown: str) -> str:
    """Return Markdown as clean HTML: no images, no raw HTML, no script."""
    return nh3.clean(_markdown.render(markdown), link_rel="noreferrer noopener")


def _filled(kind: str, name: str, language: str, values: dict[str, str]) -> str:
    text: str = _texts(language)[kind][name]["text"]
    return text.strip().format(**values)
