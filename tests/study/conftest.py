"""What every test of the study starts from."""

from tests.report.soundness import sound_charts

__all__ = ["sound_charts"]
