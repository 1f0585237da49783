from pathlib import Path

import pytest

from tests.text.samples import shared
from unroll.text.gutenberg import WINDOW_BYTES, body_of_file, without_licence

BODY = (
    "FAIRY TALES\n\nOnce upon a time … there was a king.\n\n*** A line of stars ***\n\nThe end.\n"
)
LICENCE = "\nUpdated editions will replace the previous one.\n\n\n*** and so on ***\n"
HEADERS = {
    "2016": "The Project Gutenberg EBook of Tales\n\nLanguage: English\n\n"
    "*** START OF THIS PROJECT GUTENBERG EBOOK GRIMMS’ FAIRY TALES ***\n",
    "now": "The Project Gutenberg eBook of Tales\n    \nCredits: somebody\n\n"
    "*** START OF THE PROJECT GUTENBERG EBOOK GRIMMS' FAIRY TALES ***\n",
    "no space": "Licence\n\n***START OF THE PROJECT GUTENBERG EBOOK TALES***\n",
    "etext": "Licence\n*** START OF THIS PROJECT GUTENBERG ETEXT TALES ***\n",
    "two lines": "Licence\n*** START OF THE PROJECT GUTENBERG EBOOK TALES, BY\nBROTHERS ***\n",
    "no stars": "Licence\n\n*** START OF THE PROJECT GUTENBERG EBOOK TALES\n",
    "small print": "*BEFORE!* YOU USE OR READ THIS ETEXT\n"
    "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n",
    "none": "",
}
FOOTERS = {
    "2016": "End of Project Gutenberg’s Grimms’ Fairy Tales, by The Brothers Grimm\n\n"
    "*** END OF THIS PROJECT GUTENBERG EBOOK GRIMMS’ FAIRY TALES ***\n",
    "now": "*** END OF THE PROJECT GUTENBERG EBOOK GRIMMS' FAIRY TALES ***\n",
    "no space": "End of the Project Gutenberg EBook of Tales\n\n"
    "***END OF THE PROJECT GUTENBERG EBOOK TALES***\n",
    "words alone": "End of the Project Gutenberg Etext of Tales\n",
}


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
@pytest.mark.parametrize("footer", FOOTERS.values(), ids=FOOTERS.keys())
def test_what_is_between_the_markers_stays(header: str, footer: str, line_end: str) -> None:
    gap = "\n\n" if header else ""
    text = f"{header}{gap}{BODY}\n\n\n{footer}{LICENCE}".replace("\n", line_end)
    assert without_licence(text) == BODY.replace("\n", line_end)


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_a_header_alone_is_cut_off(header: str) -> None:
    assert without_licence(header + BODY) == BODY


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A book.\n",
        "\n\nIt says: *** START OF THE PROJECT GUTENBERG EBOOK in a sentence.\n",
        "He wrote on Project Gutenberg.\nThe End of Project Gutenberg is near.\n",
        "*** START OF THE PROJECT ***\n*** END OF THE DAY ***\n  ",
    ],
)
def test_a_text_without_markers_is_left_alone(text: str) -> None:
    assert without_licence(text) == text


def test_the_indent_of_the_first_line_stays() -> None:
    text = f"{HEADERS['now']}\n\n    Indented\n{FOOTERS['now']}"
    assert without_licence(text) == "    Indented\n"


def test_of_two_books_in_a_file_nothing_is_lost() -> None:
    one = HEADERS["now"] + "First tale.\n" + FOOTERS["now"]
    two = HEADERS["now"] + "Second tale.\n" + FOOTERS["now"]
    left = without_licence(one + two)
    assert left.startswith("First tale.\n")
    assert left.endswith("Second tale.\n")


def test_in_a_large_file_markers_are_found_at_its_ends(tmp_path: Path) -> None:
    path, body = tmp_path / "large.txt", b"word\n" * WINDOW_BYTES
    header = (HEADERS["2016"] + "\n\n").encode()
    path.write_bytes(header + body + b"\n\n" + FOOTERS["2016"].encode() + b"licence\n" * 3000)
    start, stop = body_of_file(path)
    assert path.read_bytes()[start:stop] == body


def test_markers_in_the_middle_of_a_large_file_are_text(tmp_path: Path) -> None:
    path, half = tmp_path / "large.txt", "word\n" * WINDOW_BYTES
    path.write_text(half + HEADERS["now"] + FOOTERS["now"] + half)
    assert body_of_file(path) == (0, path.stat().st_size)


def test_last_words_far_from_the_marker_are_text() -> None:
    body = "End of Project Gutenberg, a play.\n" + "He speaks.\n" * 50
    assert without_licence(f"{HEADERS['now']}{body}{FOOTERS['2016']}") == body


def test_grimm_loses_its_licence_and_nothing_else() -> None:
    text = shared("grimm.txt").read_text(encoding="utf-8-sig")
    body = without_licence(text)
    # The two lines around the book, as they stand in the file.
    after_header = text.partition("EBOOK GRIMMS’ FAIRY TALES ***\n")[2]
    book = after_header.partition("End of Project Gutenberg’s Grimms’ Fairy Tales")[0]
    assert body == book.strip("\n") + "\n"
    assert body.startswith("Produced by Emma Dudding")
    assert "Project Gutenberg" not in body
