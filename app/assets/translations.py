"""Turn the translation catalogues into what the server (.mo) and the scripts (one module per language) read.

Indonesian is the language of the source and so the message id; only the other languages have a catalogue. Run it alone
with ``python -m app.assets.translations``; ``python -m app.assets.vendor_assets`` runs it too.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parents[2]


def script_words(catalogue: Catalog) -> dict[str, str]:
    """The translated messages that occur in a script, by their Indonesian text."""
    return {
        str(message.id): str(message.string)
        for message in catalogue
        if message.id and message.string and _in_a_script(message)
    }


def _in_a_script(message: Message) -> bool:
    return any(path.endswith(".js") for path, _line in message.locations)


def build_words(translations: Path, scripts: Path) -> list[Path]:
    """Compile every ``<language>/LC_MESSAGES/messages.po``; write ``<language>.js`` for the scripts; return them."""
    written: list[Path] = []
    scripts.mkdir(parents=True, exist_ok=True)
    for source in sorted(translations.glob("*/LC_MESSAGES/messages.po")):
        with source.open("rb") as file:
            catalogue = read_po(file, locale=source.parent.parent.name)
        compiled = source.with_suffix(".mo")
        with compiled.open("wb") as file:
            write_mo(file, catalogue)
        module = scripts / f"{source.parent.parent.name}.js"
        words = json.dumps(script_words(catalogue), ensure_ascii=False, indent=0, sort_keys=True)
        module.write_text(f"export default {words};\n", encoding="utf-8")
        written += [compiled, module]
    return written


def main() -> int:
    """Compile the catalogues of this project."""
    files = build_words(ROOT / "app" / "translations", ROOT / "app" / "static" / "vendor" / "words")
    print(f"{len(files)} files: {', '.join(path.name for path in files)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
