import hashlib
import shlex
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.text.samples import DUTCH, FINNISH, shared
from unroll.text import Book, BookError, default_book, make_book, read_book
from unroll.text.plain_text import decode_file

needs_iconv = pytest.mark.skipif(shutil.which("iconv") is None, reason="iconv is not installed")


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def refusal(path: Path) -> str:
    with pytest.raises(BookError) as caught:
        read_book(path)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_file_is_read_in_normal_form(tmp_path: Path) -> None:
    path = tmp_path / "kalevala.txt"
    text = FINNISH + DUTCH
    path.write_bytes(("\ufeff" + unicodedata.normalize("NFD", text).replace("\n", "\r\n")).encode())
    book = read_book(path)
    assert book.text() == text
    assert (book.name, book.source) == ("kalevala", str(path))
    assert (book.characters, book.sha256) == (len(text), sha256(text))


@pytest.mark.parametrize("piece_bytes", [1, 2, 3, 5, 16, 1000])
def test_the_size_of_pieces_does_not_matter(tmp_path: Path, piece_bytes: int) -> None:
    path = tmp_path / "book.txt"
    text = "\ufeff" + unicodedata.normalize("NFD", FINNISH) + "中文\r\n😀" + "\r"
    path.write_bytes(text.encode())
    book = read_book(path, piece_bytes=piece_bytes)
    assert book == read_book(path)
    assert book.text() == FINNISH + "中文\n😀\n"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), st.integers(1, 9))
def test_decoding_in_pieces_is_decoding(
    tmp_path_factory: pytest.TempPathFactory, text: str, piece_bytes: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "decoded"
    data = text.replace("\0", "").encode()
    path.write_bytes(data)
    assert "".join(decode_file(path, 0, len(data), piece_bytes)) == data.decode()


def test_books_are_equal_when_their_text_is() -> None:
    one = make_book("one", "here", lambda: iter(["ab", "c"]))
    two = make_book("two", "there", lambda: iter(["abc"]))
    assert one == two
    assert one != make_book("one", "here", lambda: iter(["ab"]))


def test_a_folder_is_its_text_files_in_order_with_blank_lines_between(tmp_path: Path) -> None:
    for name, text in {
        "b.txt": "second\n",
        "a.txt": "first",
        "c.TXT": "third\n\n",
        "d.txt": "",
        "e.txt": "\ufefflast\r\n",
        ".hidden.txt": "no",
        "readme.md": "no",
    }.items():
        (tmp_path / name).write_bytes(text.encode())
    (tmp_path / "folder.txt").mkdir()
    book = read_book(tmp_path)
    assert book.text() == "first\n\nsecond\n\nthird\n\nlast\n"
    assert book.name == tmp_path.name


def test_a_folder_gives_its_whole_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "vol.1"
    (folder / "inner").mkdir(parents=True)
    (folder / "x.txt").write_text("abc")
    assert read_book(folder).name == "vol.1"
    monkeypatch.chdir(folder / "inner")
    assert read_book(Path("..")).name == "vol.1"


def test_a_book_may_be_given_a_name(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("abc")
    assert read_book(tmp_path / "x.txt", name="grimm").name == "grimm"


def test_the_default_is_the_prose_that_python_carries() -> None:
    book = default_book()
    topics = __import__("pydoc_data.topics", fromlist=["topics"]).topics
    version = ".".join(map(str, sys.version_info[:3]))
    assert book.name == "python-docs"
    assert book.source == (
        f"the documentation that Python {version} carries: {len(topics)} pages of its language "
        "reference (pydoc_data.topics)"
    )
    assert book.sha256 == sha256(book.text()) == default_book().sha256
    assert book.characters == len(book.text()) > 300_000
    text, place = book.text(), 0
    for topic in sorted(topics):
        place = text.index(topics[topic].strip("\n"), place)


def test_the_topics_are_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    made_up = ModuleType("pydoc_data.topics")
    monkeypatch.setattr(made_up, "topics", {"while": "w\n", "if": "i", "or": "o"}, raising=False)
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", made_up)
    assert default_book().text() == "i\n\no\n\nw\n"


def test_a_python_without_documentation_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydoc_data.topics", None)
    with pytest.raises(BookError) as caught:
        default_book()
    assert str(caught.value) == (
        "this Python carries no documentation to read (pydoc_data.topics); give a UTF-8 text "
        "file instead"
    )


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.txt") == (
        f"{tmp_path}/none.txt: no such file or folder; give a UTF-8 text file or a folder of .txt "
        "files"
    )


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("", "0 characters"),
        ("\ufeff", "0 characters"),
        ("a", "1 character"),
        ("\r\n", "1 character"),
    ],
)
def test_a_text_too_short_to_predict_is_refused(tmp_path: Path, text: str, held: str) -> None:
    path = tmp_path / "short.txt"
    path.write_bytes(text.encode())
    assert refusal(path) == (
        f"{path}: holds {held} of text; a book needs at least 2, one to read and one to predict"
    )


def test_a_folder_without_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "book.pdf").write_bytes(b"%PDF-1.7")
    assert refusal(tmp_path) == f"{tmp_path}: a folder without .txt files; give one that holds some"
    (tmp_path / "empty.txt").touch()
    assert refusal(tmp_path).startswith(f"{tmp_path}: holds 0 characters of text; ")


def test_a_file_that_may_not_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("abc")

    def refuse(self: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    assert refusal(path) == f"{path}: Permission denied"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"ELF\0\1\2", "a binary file (it holds NUL bytes); give a UTF-8 text file"),
        (b"text " * 300_000 + b"\0", "a binary file (it holds NUL bytes); give a UTF-8 text file"),
        (b"%PDF-1.7 ...", "a PDF file; save its text as a UTF-8 text file and give that"),
        (
            b"PK\x03\x04mimetypeapplication/epub+zip",
            "a ZIP file, as EPUB and DOCX are; save its text as a UTF-8 text file and give that",
        ),
        (b"\x1f\x8b\x08", "a gzip file; unpack it and give what is in it"),
    ],
)
def test_a_binary_file_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(data)
    assert refusal(path) == f"{path}: {message}"


@needs_iconv
@pytest.mark.parametrize(
    ("encoding", "hint", "found"),
    [
        ("iso-8859-1", "ISO-8859-1", "byte 1 (0xE4); it is likely"),
        ("cp1252", "WINDOWS-1252", "byte 1 (0xE4); it is likely"),
        ("utf-16", "UTF-16", "byte 0 (0xFF); it begins as"),
        ("utf-32", "UTF-32", "byte 0 (0xFF); it begins as"),
    ],
)
def test_another_encoding_is_told_with_a_command_that_mends_it(
    tmp_path: Path, encoding: str, hint: str, found: str
) -> None:
    path, mended = tmp_path / "my book.txt", tmp_path / "my book-utf8.txt"
    text = FINNISH + ("“quoted”" if encoding == "cp1252" else "")
    path.write_bytes(text.encode(encoding))
    command = f"iconv -f {hint} -t UTF-8 {shlex.quote(str(path))} > {shlex.quote(str(mended))}"
    does = " does" if "begins" in found else ""
    assert refusal(path) == f"{path}: not UTF-8 at {found} {hint}{does}: {command}"
    subprocess.run(command, shell=True, check=True)
    assert read_book(mended).text() == text


def test_the_place_of_a_bad_byte_is_that_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    good = b"Once upon a time. " * 100_000
    path.write_bytes(good + b"\xe4iti ja " + good)
    assert refusal(path) == (
        f"{path}: not UTF-8 at byte {len(good)} (0xE4); it is likely ISO-8859-1: iconv -f "
        f"ISO-8859-1 -t UTF-8 {path} > {tmp_path}/book-utf8.txt"
    )
    with pytest.raises(UnicodeDecodeError) as caught:
        path.read_bytes().decode()
    assert caught.value.start == len(good)


@needs_iconv
@pytest.mark.parametrize("repetitions", [1, 40_000])
def test_a_bad_byte_in_a_text_of_utf8_is_not_taken_for_another_encoding(
    tmp_path: Path, repetitions: int
) -> None:
    path, mended = tmp_path / "book.txt", tmp_path / "book-utf8.txt"
    good = (FINNISH * repetitions).encode() + b"plain " * 200_000
    path.write_bytes(good + b"\xe4iti\n")
    command = f"iconv -c -f UTF-8 -t UTF-8 {path} > {mended}"
    assert refusal(path) == (
        f"{path}: not UTF-8 at byte {len(good)} (0xE4), though the text before it is: mend that "
        f"place, or drop what is not UTF-8: {command}"
    )
    # It says by its exit status that it dropped something.
    subprocess.run(command, shell=True)
    assert read_book(mended).text() == good.decode() + "iti\n"


def test_a_file_cut_short_within_a_character_says_so(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes("aamu ja yö".encode()[:-1])
    assert refusal(path) == (
        f"{path}: not UTF-8 at byte 9 (0xC3): the file ends within a character; it was cut short, "
        "get it anew"
    )


def test_grimm_is_read_without_its_licence() -> None:
    book: Book = read_book(shared("grimm.txt"))
    text = book.text()
    assert text.startswith("Produced by Emma Dudding")
    assert "PROJECT GUTENBERG" not in text
    assert book.characters == len(text)


def test_shakespeare_is_read_as_it_is() -> None:
    path = shared("tiny_shakespeare.txt")
    book = read_book(path)
    assert book.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert book.characters == 1_115_394
