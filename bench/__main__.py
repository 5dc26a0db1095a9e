"""`python -m bench [--quick] [PART ...]`: measure, print a table, keep the figures as JSON in bench/results/."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import growth, intake, keys, ladders, nasty, notices, page, ring_to_screen, soak, understanding
from bench.figures import Figure, save, table
from bench.real_server import NotMeasurable
from bench.rings import RingFailed

PARTS: dict[str, Callable[..., list[Figure]]] = {
    "intake": intake.measure_sqlite,
    "ring-to-screen": ring_to_screen.measure,
    "postgresql": intake.measure_postgres,
    "growth": growth.measure_sqlite,
    "growth-postgresql": growth.measure_postgres,
    "page": page.measure,
    "understanding": understanding.measure,
    "nasty": nasty.measure,
    "soak": soak.measure,
    "keys": keys.measure,
    "ladders": ladders.measure_sqlite,
    "ladders-postgresql": ladders.measure_postgres,
    "notices": notices.measure,
}


def main() -> int:
    """Measure the named parts; a missed target is a figure like any other, only what cannot be measured fails."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)}; all of them by default")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs: a look, not a measurement")
    parser.add_argument("--folder", type=Path, help="where the databases go: the disk that is to be measured")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    busy = os.getloadavg()[0]
    if busy > 0.5:
        print(f"The machine is busy (load {busy:.1f}): figures that measure time will be worse than they are.\n")
    figures: list[Figure] = []
    failed = False
    for name in arguments.parts or PARTS:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        began = time.monotonic()
        try:
            with tempfile.TemporaryDirectory(prefix="siaga-bench-", dir=arguments.folder) as folder:
                figures += PARTS[name](Path(folder), quick=arguments.quick)
        except (NotMeasurable, RingFailed, OSError) as problem:
            failed = True
            print(f"{name} could not be measured: {problem}", file=sys.stderr)
        print(f"  {time.monotonic() - began:.0f} s", file=sys.stderr)
    print(table(figures))
    print(f"\nkept in {save(figures, quick=arguments.quick)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
