"""The parts of the report, in reading order."""

from unroll.report.section import Part

THROUGH_TIME = Part(number="1", title="Through time")
"""Questions 1.1 to 1.7: recurrent networks that carry a digit."""
TEXT = Part(number="2", title="Text")
"""Questions 2.1a to 2.3: character models of a book."""
GRAPHS = Part(number="3", title="Across graphs")
"""Questions 3.1 to 3.4b: networks that pass messages along edges."""
BENCH = Part(title="The bench")
"""Cells beside each other, on the same tasks and at the same cost."""
TOGETHER = Part(title="Together")
"""The closing page, which sets the horizons of all parts side by side."""
