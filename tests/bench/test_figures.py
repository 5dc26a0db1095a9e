"""A benchmark's table says what was promised, what was measured, and whether the one keeps the other."""

import pytest

from bench.figures import Figure, Target, percentile, table


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (0.999, 100), (1.0, 100), (0.001, 1)])
def test_a_percentile_is_a_value_that_was_measured(share: float, expected: int) -> None:
    assert percentile(range(100, 0, -1), share) == expected


def test_the_percentile_of_few_values_is_the_worst_of_them() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0


def test_a_rate_below_its_share_of_the_floor_is_missed() -> None:
    target = Target(0.8, at_least=True, of="ratio")
    assert Figure("intake", "rate", 79.0, "/s", floor=100.0, target=target).met is False
    assert Figure("intake", "rate", 80.0, "/s", floor=100.0, target=target).met is True


def test_a_delay_above_its_limit_is_missed() -> None:
    assert Figure("page", "longest task", 100.1, "ms", target=Target(100.0)).met is False


def test_a_figure_without_a_target_is_neither_met_nor_missed() -> None:
    assert Figure("page", "load event", 100.0, "ms").met is None


def test_the_table_says_plainly_that_a_target_was_missed() -> None:
    figures = [
        Figure("page", "requests", 44, "requests", target=Target(40.0), note="44 files"),
        Figure("page", "size", 582, "KiB", target=Target(600.0)),
    ]
    lines = table(figures).splitlines()
    assert lines[2].endswith("value <= 40   MISSED")
    assert lines[3].endswith("value <= 600  met")
    assert lines[-1] == "requests: 44 files"
