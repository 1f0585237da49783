"""What every test of the report starts from."""

from tests.report.soundness import sound_charts

__all__ = ["sound_charts"]
