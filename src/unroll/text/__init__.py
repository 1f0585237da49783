"""Text: books, their characters, and how they are fed to a network."""

from unroll.text.book import Book, default_book, make_book, read_book
from unroll.text.corpus import Corpus, CorpusError, encode_book, open_corpus
from unroll.text.feeding import FeedState, StreamFeed, StreamPiece, WindowFeed, Windows
from unroll.text.fetch import Fetched, FetchSettings, book_number, fetch_book
from unroll.text.gutenberg import without_licence
from unroll.text.held_out import EvaluationWindows, evaluation_windows, whole_stream
from unroll.text.mirror import FetchError
from unroll.text.normal_form import normalise
from unroll.text.plain_text import BookError
from unroll.text.split import Extent, Splits, shortest_text, split_text
from unroll.text.vocabulary import (
    UNKNOWN,
    UNKNOWN_ID,
    Prompt,
    Vocabulary,
    VocabularyError,
    build_vocabulary,
    count_characters,
    warn_of_size,
)

__all__ = [
    "UNKNOWN",
    "UNKNOWN_ID",
    "Book",
    "BookError",
    "Corpus",
    "CorpusError",
    "EvaluationWindows",
    "Extent",
    "FeedState",
    "FetchError",
    "FetchSettings",
    "Fetched",
    "Prompt",
    "Splits",
    "StreamFeed",
    "StreamPiece",
    "Vocabulary",
    "VocabularyError",
    "WindowFeed",
    "Windows",
    "book_number",
    "build_vocabulary",
    "count_characters",
    "default_book",
    "encode_book",
    "evaluation_windows",
    "fetch_book",
    "make_book",
    "normalise",
    "open_corpus",
    "read_book",
    "shortest_text",
    "split_text",
    "warn_of_size",
    "whole_stream",
    "without_licence",
]
