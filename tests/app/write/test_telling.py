"""A text is the same to the last digit whether it is written alone or among others."""

import asyncio
import gc
import weakref
from pathlib import Path

from unroll.app.catalogue.loading import load_run
from unroll.app.turns import Turns
from unroll.app.write.asked import WriteRequest
from unroll.app.write.pens import Pens, begin
from unroll.app.write.telling import tell

ASKED = [
    WriteRequest(run="any", prompt=prompt, length=length, seed=seed, alternatives=4)
    for seed, (prompt, length) in enumerate(
        [("The king", 60), ("Once there was a queen", 25), ("‘It", 90), ("They", 5)] * 3
    )
]


def test_a_text_is_the_same_alone_and_among_others(trained: Path) -> None:
    pens = Pens()
    loaded = load_run(trained / "text" / "lstm", "best")
    pen = pens.of(loaded)
    assert pens.of(loaded) is pen
    turns = Turns()

    async def write(asked: WriteRequest) -> bytes:
        turn = turns.begin(tell(pen, begin(pen, asked.prompt), asked))
        told = b""
        while pieces := await turn.take():
            told += b"".join(pieces)
        return told

    async def main() -> list[bytes]:
        return await asyncio.gather(*map(write, ASKED))

    together = asyncio.run(main())
    turns.close()
    alone = [b"".join(tell(pen, begin(pen, asked.prompt), asked)) for asked in ASKED]
    assert together == alone
    assert len(set(alone)) == len(ASKED)


def test_a_model_that_nobody_keeps_leaves_memory_and_its_pen_writes_on(trained: Path) -> None:
    pens = Pens()
    loaded = load_run(trained / "text" / "lstm", "best")
    pen = pens.of(loaded)
    kept, model = weakref.ref(loaded), weakref.ref(loaded.model)
    begun = tell(pen, begin(pen, "The king"), ASKED[0])
    del loaded
    gc.collect()
    assert (kept(), model()) == (None, None)
    assert b'"end"' in list(begun)[-1]
