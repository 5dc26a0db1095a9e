"""What a page hides from its reader: controls out of reach, words cut off, letters too small; and all that it says."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

_IN_THE_PAGE = Path(__file__).with_suffix(".js").read_text(encoding="utf-8").strip().removesuffix(";")


def out_of_reach(page: Page) -> list[str]:
    """Controls nobody can get at, and words that are cut off, at the window's present size."""
    return _ask(page, "outOfReach")


def smaller_than(page: Page, px: float) -> list[str]:
    """Visible texts in smaller letters."""
    return _ask(page, "smallerThan", px)


def words_on(page: Page) -> list[str]:
    """Everything the page says: texts, names, titles, placeholders; not what is marked as another language."""
    return _ask(page, "words")


def _ask(page: Page, question: str, argument: float | None = None) -> list[str]:
    return list(page.evaluate(f"(argument) => {_IN_THE_PAGE}.{question}(argument)", argument))
