"""A mirror of Project Gutenberg on this machine, which answers as it is told."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.downloads import host
from tests.downloads.host import Host

TALE = (
    (
        "The Project Gutenberg eBook of Tales\n\n"
        "*** START OF THE PROJECT GUTENBERG EBOOK TALES ***\n\n"
        "Äiti söi. Once upon a time.\n\n"
        "*** END OF THE PROJECT GUTENBERG EBOOK TALES ***\nLicence.\n"
    )
    .replace("\n", "\r\n")
    .encode()
)


@dataclass(frozen=True, kw_only=True)
class Answer(host.Answer):
    """What the mirror says once: the book, if nothing else."""

    body: bytes = TALE


def serving(answers: dict[str, list[Answer]]) -> AbstractContextManager[Host]:
    """Run a mirror on the loopback address."""
    return host.running(Host(answers={path: list(told) for path, told in answers.items()}))
