"""One form for every text: NFC, line ends as LF, no byte order mark.

A letter with its accent may be written as one code point or as two; NFC makes it one wherever
Unicode has one, so that `ä` is one character of the vocabulary, in a book and in a prompt.
Nothing else is changed: quotes, dashes, tabs, capitals and spaces stay as they stand.
"""

import io
import unicodedata

_BYTE_ORDER_MARK = "\ufeff"


def normalise(text: str) -> str:
    r"""Return the whole `text` in normal form.

    >>> normalise("\ufeffa\u0308iti\r\n")
    'äiti\n'
    """
    return Normaliser().feed(text, final=True)


class Normaliser:
    """Bring a text into normal form piece by piece.

    The pieces that come out, joined, are the normal form of the pieces that went in, joined. The
    end of a piece is held back from the last place on at which nothing can join what stands
    before it: an accent, a Hangul letter or a line feed may still come.
    """

    def __init__(self) -> None:
        self._line_ends = io.IncrementalNewlineDecoder(None, translate=True)
        self._held = ""
        self._begun = False

    def feed(self, text: str, *, final: bool = False) -> str:
        """Return what is settled of all that was fed; everything when this piece is the last."""
        text = self._line_ends.decode(text, final)
        if text and not self._begun:
            text = text.removeprefix(_BYTE_ORDER_MARK)
            self._begun = True
        held = self._held + text
        cut = len(held) if final else _last_border(held)
        self._held = held[cut:]
        return unicodedata.normalize("NFC", held[:cut])


def _last_border(text: str) -> int:
    """Return the last index whose character begins anew, 0 where none does."""
    for index in range(len(text) - 1, 0, -1):
        if begins_anew(text[index]):
            return index
    return 0


def begins_anew(character: str) -> bool:
    """Whether NFC never joins `character` to what stands before it.

    True for a stated part of those that do not join: everything below U+0300, which holds all of
    ASCII and Latin-1; Chinese characters; Japanese kana; Korean syllables. A script of which no
    character is in that part is held back up to its next space or line end.
    """
    return (
        character < "\u0300"
        or "\u3041" <= character <= "\u3096"
        or "\u30a1" <= character <= "\u30fa"
        or "\u3400" <= character <= "\u9fff"
        or "\uac00" <= character <= "\ud7a3"
    )
