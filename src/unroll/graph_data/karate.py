"""Zachary's karate club: who met whom outside the club, and which way each went when it split."""

import torch

from unroll.graphs import Graph, graph_from_pairs

MEMBERS = 34
"""Numbered from 1, as Zachary does."""
INSTRUCTOR, ADMINISTRATOR = 1, 34
"""The two that quarrelled, and the only two whose side is told to a network."""
FRIENDS = {
    1: (2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 18, 20, 22, 32),
    2: (3, 4, 8, 14, 18, 20, 22, 31),
    3: (4, 8, 9, 10, 14, 28, 29, 33),
    4: (8, 13, 14),
    5: (7, 11),
    6: (7, 11, 17),
    7: (17,),
    9: (31, 33, 34),
    10: (34,),
    14: (34,),
    15: (33, 34),
    16: (33, 34),
    19: (33, 34),
    20: (34,),
    21: (33, 34),
    23: (33, 34),
    24: (26, 28, 30, 33, 34),
    25: (26, 28, 32),
    26: (32,),
    27: (30, 34),
    28: (34,),
    29: (32, 34),
    30: (33, 34),
    31: (33, 34),
    32: (33, 34),
    33: (34,),
}
"""Friends of each member that have a higher number: 78 friendships."""
WITH_INSTRUCTOR = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 17, 18, 20, 22)
"""Members of the club that the instructor founded; the other 17 stayed with the administrator."""


def karate_club() -> Graph:
    """Return the club as a graph of N = 34 members, E = 78 friendships and K = 2 sides.

    Nothing is known of a member but who it is: the features are the identity, (34, 34). Training
    has one member a side, the instructor and the administrator (nodes 0 and 33); the 32 others
    are for testing, and none is left for validation.

    Source: Zachary 1977, "An information flow model for conflict and fission in small groups";
    sides are the clubs that members joined after the split, so that member 9, who leant to the
    administrator and went with the instructor, counts for the instructor.
    """
    everyone = range(1, MEMBERS + 1)
    pairs = [(one - 1, other - 1) for one, others in FRIENDS.items() for other in others]
    train = torch.tensor([one in (INSTRUCTOR, ADMINISTRATOR) for one in everyone])
    return graph_from_pairs(
        pairs,
        nodes=MEMBERS,
        features=torch.eye(MEMBERS),
        labels=torch.tensor([int(one not in WITH_INSTRUCTOR) for one in everyone]),
        train=train,
        test=~train,
        names=tuple(map(str, everyone)),
        class_names=("instructor's", "administrator's"),
        name="karate",
    )
