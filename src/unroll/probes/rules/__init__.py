"""The public contract of a recurrent cell, tried rule by rule on any cell."""

from unroll.probes.rules.battery import RULES, check_rules
from unroll.probes.rules.finding import Finding, Outcome
from unroll.probes.rules.subject import Subject

__all__ = ["RULES", "Finding", "Outcome", "Subject", "check_rules"]
