import networkx
import torch

from unroll.graph_data.karate import karate_club


def test_the_club_is_the_one_that_networkx_knows() -> None:
    club, known = karate_club(), networkx.karate_club_graph()
    assert (club.nodes, club.edge_count, club.classes) == (34, 78, 2)
    pairs = {frozenset(pair) for pair in club.edges.T.tolist()}
    assert pairs == {frozenset(pair) for pair in known.edges}
    sides = [int(known.nodes[node]["club"] == "Officer") for node in range(34)]
    assert club.labels is not None
    assert club.labels.tolist() == sides


def test_one_member_of_each_side_is_told() -> None:
    club = karate_club()
    assert club.train is not None
    assert club.test is not None
    assert club.labels is not None
    assert club.train.nonzero().squeeze(1).tolist() == [0, 33]
    assert club.labels[club.train].tolist() == [0, 1]
    assert int(club.test.sum()) == 32
    assert club.validation is None
    assert isinstance(club.features, torch.Tensor)
    assert torch.equal(club.features, torch.eye(34))
    assert club.names is not None
    assert (club.names[0], club.names[33]) == ("1", "34")
