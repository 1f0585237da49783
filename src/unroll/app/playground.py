"""What all rooms of the playground share."""

from collections.abc import Callable
from dataclasses import dataclass, field

from unroll.app.catalogue.catalogue import Catalogue
from unroll.app.lane import Lane
from unroll.app.networks.networks import Networks
from unroll.app.search import without_paths
from unroll.app.settings import AppSettings
from unroll.app.trainings.trainings import Trainings
from unroll.app.trainings.wanted import NETWORKS, TEXT, lacks_networks, lacks_text
from unroll.app.turns import Turns
from unroll.errors import in_one_line


@dataclass(frozen=True, kw_only=True, eq=False)
class Playground:
    """One server's settings and what its rooms compute with."""

    settings: AppSettings
    """What was asked for."""
    told: Callable[[str], None] | None = None
    """Hears, in the terminal, what is trained; None where there is none."""
    lane: Lane = field(default_factory=Lane)
    """Computes what is short."""
    turns: Turns = field(default_factory=Turns)
    """Writes all texts, character by character in turn."""
    trainings: Trainings = field(init=False)
    """What it trains for itself: nothing, until it begins."""
    catalogue: Catalogue = field(init=False)
    """The character models that there are."""
    networks: Networks = field(init=False)
    """The networks for palindromes that there are."""

    def __post_init__(self) -> None:
        roots = (*self.settings.runs, self.settings.out)
        object.__setattr__(self, "catalogue", Catalogue(roots, self.settings.out))
        object.__setattr__(self, "networks", Networks(roots))
        object.__setattr__(self, "trainings", Trainings(self.settings.out, self.told))

    def begin(self) -> None:
        """Train what there is not: a character model, and networks for palindromes."""
        self.trainings.expect()
        out = self.settings.out
        try:
            lacking = {
                TEXT: lacks_text(self.catalogue.runs(), out),
                NETWORKS: lacks_networks(self.networks.networks(), out),
            }
        except Exception as error:  # whatever it is, the page says it, and waits no longer
            self.trainings.fail(f"{without_paths(in_one_line(error), out)}; start unroll app again")
            return
        self.trainings.begin(name for name, is_lacking in lacking.items() if is_lacking)

    def close(self) -> None:
        """Stop what is computed."""
        self.lane.close()
        self.turns.close()
        self.trainings.close()
