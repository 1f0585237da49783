"""The split's hash in Python's integers."""


def slow_bucket(content: list[int], coefficients: list[int]) -> int:
    """Return the split's bucket, 0–99, in Python's integers wrapped to 64 bits by hand."""

    def wrap(number: int) -> int:
        return (number + 2**63) % 2**64 - 2**63

    mixed = wrap(sum(d * c for d, c in zip(content, coefficients, strict=True)))
    for multiplier in (0x9E3779B97F4A7C15, 0xC4CEB9FE1A85EC53):
        mixed = wrap((mixed ^ (mixed >> 31)) * multiplier)
    return wrap(mixed ^ (mixed >> 29)) % 100
