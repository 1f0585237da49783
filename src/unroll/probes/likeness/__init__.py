"""A cell beside a shipped one: is it the same function of the same weights?"""

from unroll.probes.likeness.compare import compare
from unroll.probes.likeness.families import FAMILIES, Family, find_family

__all__ = ["FAMILIES", "Family", "compare", "find_family"]
