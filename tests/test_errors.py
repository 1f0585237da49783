import pytest

from unroll.errors import (
    CellError,
    ConfigError,
    ShapeError,
    StoreError,
    UnrollError,
    unknown_name,
)


@pytest.mark.parametrize("kind", [ConfigError, ShapeError, CellError, StoreError])
def test_every_error_is_one_that_the_user_can_mend(kind: type[UnrollError]) -> None:
    assert issubclass(kind, UnrollError)


def test_an_unknown_name_is_answered_with_all_names_and_the_nearest() -> None:
    error = unknown_name("recipe", "asignment", ["assignment-tuned", "assignment"])
    assert type(error) is ConfigError
    assert str(error) == (
        "unknown recipe 'asignment': expected one of assignment, assignment-tuned "
        "(nearest: assignment)"
    )


def test_an_unknown_name_near_to_none_gets_no_hint() -> None:
    error = unknown_name("cell", "xyz", ["rnn", "lstm"])
    assert str(error) == "unknown cell 'xyz': expected one of lstm, rnn"
