"""Reads what narrows an address down but is no place of its own: RT and RW, house number, block, a road's km."""

from __future__ import annotations

import re
from dataclasses import dataclass

_S = r"\s{0,9}"  # spaces between the parts of a detail: bounded, because two such runs stand side by side here
_RT_RW = re.compile(
    rf"(?<!\w)rt{_S}[./:]?{_S}(?P<rt>\d{{1,3}})(?!\d)"
    rf"(?:{_S}(?:[/\\-]|[/,.\\-]?{_S}rw{_S}[./:]?){_S}(?P<rw>\d{{1,3}})(?![\d/]))?"
    rf"|(?<!\w)rw{_S}[./:]?{_S}(?P<rw_alone>\d{{1,3}})(?!\d)",
    re.I,
)
_NUMBER = re.compile(rf"(?<!\w)(?:no|nomor|nmr){_S}[.:]?{_S}(\d{{1,4}}\s?[a-z]?)(?!\w)", re.I)
_BLOCK = re.compile(
    rf"(?<!\w)(?:blok|blk|block)(?:\s{{1,9}}|{_S}[.:]{_S})"
    r"([a-z]{1,2}\s?[-/]?\s?\d{0,3}(?:\s?[-/]\s?\d{1,3})?)(?!\w)",
    re.I,
)
_KM = re.compile(rf"(?<!\w)(?:km|kilo ?meter){_S}\.?{_S}(\d{{1,3}}(?:[.,]\d)?)(?!\w)", re.I)


@dataclass(frozen=True, slots=True)
class Details:
    """The details as they are shown ("RT 3 RW 2, No. 12"), None without any, and where they stand in the text."""

    words: str | None
    spans: tuple[tuple[int, int], ...]


def details_in(text: str) -> Details:
    """The details of the text, in their usual order, each kind once."""
    spans: list[tuple[int, int]] = []
    rt = rw = None
    for match in _RT_RW.finditer(text):
        own_rt, own_rw = match["rt"], match["rw"] or match["rw_alone"]
        if (own_rt and rt) or (own_rw and rw):
            continue
        rt, rw = rt or own_rt, rw or own_rw
        spans.append(match.span())
    spoken = " ".join(f"{name} {int(digits)}" for name, digits in (("RT", rt), ("RW", rw)) if digits)
    parts = [spoken] if spoken else []
    for pattern, word in ((_BLOCK, "Blok"), (_NUMBER, "No."), (_KM, "km")):
        found = pattern.search(text)
        if found:
            written = re.sub(r"\s+", " ", found[1]).strip().upper()
            parts.append(f"{word} {written}")
            spans.append(found.span())
    return Details(", ".join(parts) or None, tuple(sorted(spans)))
