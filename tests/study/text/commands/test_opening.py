from tests.study.text.commands.runs import TEXT
from unroll.study.text.commands.opening import find_opening, fitting_prompt
from unroll.training.characters.run import Run


def test_the_commonest_opening_is_taken() -> None:
    text = "Preface. He was here. It was late. It was dark. It was late. It was late again.\n"
    assert find_opening(text) == "It was late"


def test_an_opening_may_stand_in_quotes_and_after_a_blank_line() -> None:
    text = 'x.\n\n“Where are you?” he said. "Where are you?" No. Where are you now. One two three.'
    assert find_opening(text) == "Where are you"


def test_a_script_without_spaces_begins_as_its_longest_line() -> None:
    assert find_opening("序\n從前有一個國王他有三個女兒。\n") == "從前有一個國王他有三個女兒。"


def test_headings_and_marks_are_no_openings() -> None:
    mark = "Changed in version 3.8: it may be empty.\n\n"
    text = 4 * mark + "It is late. The value is an object. So be it. The value is a number."
    assert find_opening(text) == "The value is"


def test_letters_beyond_ascii_are_words() -> None:
    assert find_opening("a. Äiti näki ketun. Äiti näki ketun.") == "Äiti näki ketun"


def test_the_prompt_stands_in_the_training_part(run: Run) -> None:
    prompt = fitting_prompt(run.corpus, run.splits.training)
    assert prompt in TEXT[: run.splits.training.stop]
    assert run.corpus.vocabulary.describe_unknown(prompt) is None


def test_what_a_threshold_made_unknown_is_left_out() -> None:
    assert find_opening("\ufffdetsä näki\ufffd se\n") == "etsä näki"
