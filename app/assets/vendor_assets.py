"""Copy the browser libraries that the pages load from node_modules to app/static/vendor.

Run it after ``npm ci``: ``python -m app.assets.vendor_assets``. Only what a page really loads is copied (no source
maps, one font subset, one SVG sprite made of the icons named here and in the city packs), because the first load of the
console has a budget of 600 KiB. The compiled words of the second language are written at the same time, and the modules
of each page are bundled into one file: one by one the console's would be seventy requests, those of an agency's phone
forty.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from app.assets.translations import build_words

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "app" / "static"
VENDOR = STATIC / "vendor"
#: page -> script in app/static/js that it starts from; with all it imports it becomes app/static/bundle/PAGE.js.
ENTRIES = {
    "console": "console/main.js",
    "agency": "agency/main.js",
    "board": "board/main.js",
    "held": "pages/held.js",
    "leader": "leader/main.js",
    "numbers": "pages/numbers.js",
    "roster": "roster/main.js",
    "sign_in": "pages/sign_in.js",
}
#: The same for the pages that people open from a message, on telephones that may be old and slow: plain scripts.
CALLERS_ENTRIES = {"share": "pages/share.js", "task_link": "pages/task_link.js"}
#: The same, for the service worker of the agency's page: a plain script too, which new browsers alone run.
WORKER_ENTRIES = {"agency_worker": "agency/worker.js"}

#: Where a bundle finds a library that scripts import by its package's name, under which its types are found too.
LIBRARIES = (
    "--alias:socket.io-client=../vendor/socket.io/socket.io.esm.min.js",
    "--alias:leaflet=../vendor/leaflet/leaflet.js",
    "--external:../vendor/*",
)

#: file in node_modules -> file in app/static/vendor
COPIES = {
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/LICENSE": "leaflet/LICENSE",
    "socket.io-client/dist/socket.io.esm.min.js": "socket.io/socket.io.esm.min.js",
    "socket.io-client/LICENSE": "socket.io/LICENSE",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter/inter-latin.woff2",
    "@fontsource-variable/inter/LICENSE": "inter/LICENSE",
    "lucide-static/LICENSE": "lucide/LICENSE",
    # Loaded only where SIAGA_PMTILES is set.
    "protomaps-leaflet/dist/protomaps-leaflet.js": "protomaps/protomaps-leaflet.js",
    "protomaps-leaflet/LICENSE": "protomaps/LICENSE",
}

#: Lucide names that the templates and scripts use themselves; the incident types of a city pack bring their own.
INTERFACE_ICONS = (
    "arrow-right", "arrow-left", "camera", "check", "check-check", "chevron-down", "chevron-right", "circle",
    "circle-check", "circle-help", "clock", "command", "copy", "crosshair", "ear", "eye", "eye-off", "file-text",
    "headphones", "history", "info", "keyboard", "link-2-off", "list", "locate", "lock", "log-out", "map", "map-pin",
    "message-square-text", "minus", "moon", "move", "navigation", "octagon-alert", "pause", "pencil", "phone",
    "phone-incoming", "phone-missed", "phone-off", "plus", "radio", "refresh-cw", "rotate-ccw", "search", "send",
    "sun", "triangle-alert", "undo-2", "user", "users", "user-plus", "volume-2", "wifi", "wifi-off", "x",
    "landmark", "trash-2", "unplug", "list-checks", "printer", "building-2", "bell-ring", "mail", "calendar-days",
    "chevron-left", "arrow-up", "message-circle", "corner-down-right", "forward", "corner-up-left",
)  # fmt: skip

#: What Lucide has called some icons in other releases; the sprite keeps the name that we use.
RENAMED = {"circle-help": "circle-question-mark"}


class AssetProblem(Exception):
    """Something the sprite or the copies need is not in node_modules; the text says what and what to do."""


def city_icons(cities: Path) -> set[str]:
    """Icon names in the ``icon`` column of any CSV file of any city pack."""
    names: set[str] = set()
    for path in sorted(cities.glob("*/*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(line for line in file if not line.startswith("#"))
            names.update(name for row in rows if (name := (row.get("icon") or "").strip()))
    return names


def symbol(icons: Path, name: str) -> str:
    """One Lucide icon as an SVG symbol; stroke and fill come from the rule block of ``.icon``."""
    path = icons / f"{name}.svg"
    if not path.exists():
        path = icons / f"{RENAMED.get(name, name)}.svg"
    if not path.exists():
        raise AssetProblem(f"icon {name!r} is not in lucide-static; choose another name or rename it in RENAMED")
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
    if drawing is None:
        raise AssetProblem(f"{path} is not an SVG drawing")
    return f'<symbol id="icon-{name}" viewBox="0 0 24 24">{" ".join(drawing[1].split())}</symbol>'


def sprite(icons: Path, names: Iterable[str]) -> str:
    """All wanted icons as a script that puts them into the page.

    A script and not an SVG file: an icon that changes while the link is down must not need the server.
    """
    symbols = "".join(symbol(icons, name) for name in sorted(set(names)))
    drawing = json.dumps(f'<svg xmlns="http://www.w3.org/2000/svg" hidden="">{symbols}</svg>')
    return (
        "// Lucide, ISC licence: lucide/LICENSE\n"
        f'const sprite = new DOMParser().parseFromString({drawing}, "image/svg+xml").documentElement;\n'
        "document.body.prepend(sprite);\n"
    )


def build(modules: Path, vendor: Path, cities: Path) -> list[Path]:
    """Write everything below ``vendor`` and return the files; raises AssetProblem when a source is missing."""
    written: list[Path] = []
    for source, target in COPIES.items():
        if not (modules / source).exists():
            raise AssetProblem(f"{modules / source} is missing; run npm ci first")
        (vendor / target).parent.mkdir(parents=True, exist_ok=True)
        written.append(Path(shutil.copyfile(modules / source, vendor / target)))
    icons = vendor / "icons.js"
    names = {*INTERFACE_ICONS, *city_icons(cities)}
    icons.write_text(sprite(modules / "lucide-static" / "icons", names), encoding="utf-8")
    return [*written, icons]


def bundle(modules: Path, static: Path) -> list[Path]:
    """Write each page's script with all it imports to ``bundle/`` and return the files.

    The libraries in ``vendor/`` stay files of their own, which browsers keep when our scripts change. The source maps
    name our scripts, which are served beside them, and only developers' tools ask for them. Raises AssetProblem when
    esbuild is missing or finds a mistake.
    """
    programs = sorted(modules.glob("@esbuild/*/bin/esbuild"))
    if not programs:
        raise AssetProblem("esbuild is missing in node_modules; run npm ci first")
    always = ("--bundle", "--minify", "--outdir=bundle", *LIBRARIES)
    traces = ("--sourcemap", "--sources-content=false", "--log-level=warning")
    modules_of_pages = (ENTRIES, "--format=esm", "--target=es2022")
    scripts_of_callers = (CALLERS_ENTRIES, "--format=iife", "--target=es2019")
    workers = (WORKER_ENTRIES, "--format=iife", "--target=es2022")
    for entries, *form in (modules_of_pages, scripts_of_callers, workers):
        named = [f"{page}=js/{script}" for page, script in entries.items()]
        done = subprocess.run([programs[0], *named, *always, *form, *traces], cwd=static, check=False)
        if done.returncode:
            raise AssetProblem("esbuild could not bundle the scripts; what is wrong stands above")
    return [static / "bundle" / f"{page}.js" for page in (*ENTRIES, *CALLERS_ENTRIES, *WORKER_ENTRIES)]


def main() -> int:
    """Copy everything and say how much it is."""
    try:
        files = build(ROOT / "node_modules", VENDOR, ROOT / "city")
        files += bundle(ROOT / "node_modules", STATIC)
    except AssetProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    files += build_words(ROOT / "app" / "translations", VENDOR / "words")
    size_kib = sum(path.stat().st_size for path in files) / 1024
    print(f"{len(files)} files, {size_kib:.0f} KiB, in {STATIC.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
