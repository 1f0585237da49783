import torch
from hypothesis import given
from hypothesis import strategies as st

from unroll.graph_data.splits import draw_split


@given(st.lists(st.integers(-1, 3), min_size=1, max_size=200))
def test_every_labelled_node_is_in_one_part_and_every_class_is_trained_on(
    labels: list[int],
) -> None:
    given = torch.tensor(labels)
    train, validation, test = draw_split(given)
    together = train.int() + validation.int() + test.int()
    assert torch.equal(together, (given >= 0).int())
    for one in set(labels) - {-1}:
        members = labels.count(one)
        assert int(train[given == one].sum()) == min(20, (members + 1) // 2)
    left = int(validation.sum() + test.sum())
    assert int(validation.sum()) == min(500, left // 3)
