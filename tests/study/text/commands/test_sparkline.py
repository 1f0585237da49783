import pytest

from unroll.study.text.commands.sparkline import sparkline


def test_many_values_share_few_blocks_and_the_extremes_are_seen() -> None:
    line = sparkline([10.0] * 50 + [1.0] * 50, 10)
    assert line == "█████▁▁▁▁▁"


@pytest.mark.parametrize("count", [1, 7, 24, 25, 400])
def test_the_line_is_never_wider_than_asked(count: int) -> None:
    line = sparkline([1 / (n + 1) for n in range(count)], 24)
    assert len(line) == min(count, 24)
    # A falling curve is seen to fall.
    assert list(line) == sorted(line, reverse=True)
