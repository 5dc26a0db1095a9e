"""The words that scripts say are among those that pages load for the other language."""

from __future__ import annotations

import json
import re
from pathlib import Path

from babel.messages.pofile import read_po

from app.assets.translations import script_words

APP = Path(__file__).resolve().parents[3] / "app"
_SAID = re.compile(r'\bt\(\s*("(?:[^"\\]|\\.)*")')


def test_whatever_a_script_says_has_its_english_words() -> None:
    with (APP / "translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        english = script_words(read_po(file))
    scripts = (APP / "static/js").rglob("*.js")
    said = {json.loads(text) for script in scripts for text in _SAID.findall(script.read_text(encoding="utf-8"))}
    assert len(said) > 500
    assert sorted(said - english.keys()) == []
