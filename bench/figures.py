"""A measured figure beside its floor and its target, and how a run's figures are shown and kept."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


@dataclass(frozen=True)
class Target:
    """What was promised: `limit` is the least (`at_least`) or the most that a value or ratio may be."""

    limit: float
    at_least: bool = False
    of: str = "value"  #: value or ratio

    def words(self) -> str:
        """Say it as the table shows it, such as `ratio <= 2.5`."""
        return f"{self.of} {'>=' if self.at_least else '<='} {_number(self.limit)}"


@dataclass(frozen=True)
class Figure:
    """One line of the table. `floor` is the same thing done with the least possible work, in the same unit."""

    part: str
    name: str
    value: float
    unit: str
    floor: float | None = None
    floor_name: str = ""
    target: Target | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Value over floor."""
        return None if not self.floor else self.value / self.floor

    @property
    def met(self) -> bool | None:
        """Whether the target is kept; None where there is none."""
        if self.target is None:
            return None
        measured = self.ratio if self.target.of == "ratio" else self.value
        if measured is None:
            return None
        return measured >= self.target.limit if self.target.at_least else measured <= self.target.limit


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0..1) of all values do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def table(figures: Sequence[Figure]) -> str:
    """Lay the figures out in columns."""
    head = ("part", "figure", "value", "floor", "ratio", "target", "")
    rows = [head, *map(_row, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    notes = [f"{figure.name}: {figure.note}" for figure in figures if figure.note]
    return "\n".join([*lines, "", *notes]).rstrip()


def _row(figure: Figure) -> tuple[str, ...]:
    return (
        figure.part,
        figure.name,
        f"{_number(figure.value)} {figure.unit}",
        "" if figure.floor is None else f"{_number(figure.floor)} ({figure.floor_name})",
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        "" if figure.target is None else figure.target.words(),
        {True: "met", False: "MISSED", None: ""}[figure.met],
    )


def save(figures: Sequence[Figure], *, quick: bool) -> Path:
    """Keep the run as JSON, with what it ran on, and return the file."""
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(UTC)
    document = {
        "at": at.isoformat(timespec="seconds"),
        "quick": quick,
        "machine": {"cores": os.cpu_count(), "processor": _processor(), "system": platform.platform()},
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
        "figures": [
            {
                **asdict(figure),
                "target": figure.target.words() if figure.target else None,
                "ratio": figure.ratio,
                "met": figure.met,
            }
            for figure in figures
        ],
    }
    path = RESULTS / f"{at:%Y%m%dT%H%M%SZ}.json"
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
