"""What one trained network writes, and what can be counted in it."""

from collections.abc import Sequence
from typing import Any, Literal

from unroll.decoding import BeamSettings, SamplingSettings, beam_search, sample, score_tokens
from unroll.study.text.commands.writer import make_writing_step
from unroll.study.text.part import WritingSettings
from unroll.study.text.prompts import RULE, Beginning, choose_prompts
from unroll.study.text.written import count_words, find_loop, words_of
from unroll.text import Extent
from unroll.training.characters.run import Run

GREEDY = 0.0
"""The temperature of greedy: the limit of softmax(x / T) as T falls."""


class Writer:
    """Lets the network of one run write; everything is drawn from the run's seed."""

    def __init__(self, run: Run, settings: WritingSettings) -> None:
        self._run = run
        self._settings = settings
        training = self._text(run.splits.training)
        held_out = self._text(run.splits.validation)
        self._words = frozenset(words_of(training))
        self._held_out = held_out
        self.prompts = choose_prompts(
            held_out, self._words, prompts=settings.prompts, length=settings.length
        )

    def stages(self, samples: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Return the samples of each stage, with the words counted in a longer one."""
        by_step = {kept["step"]: kept["samples"] for kept in samples}
        stages = []
        for step in self._run.stages:
            model = _Model(self._run, step)
            (text,) = model.draw(self.prompts[0].text, self._settings.measured, 1.0)
            stages.append(
                {
                    "step": step,
                    "samples": by_step.get(step, []),
                    **count_words(text, self._words)._asdict(),
                }
            )
        return {
            "stages": stages,
            "held_out_words": count_words(
                self._held_out[: self._settings.measured], self._words
            )._asdict(),
        }

    def temperatures(self) -> dict[str, Any]:
        """Return texts from one prompt, greedy and at each temperature."""
        model = _Model(self._run, "best")
        prompt = self.prompts[0]
        length, samples = self._settings.length, self._settings.samples
        grid = []
        for temperature in (GREEDY, *sorted(self._settings.temperatures)):
            texts = model.draw(prompt.text, length, temperature, samples)
            grid.append(
                {
                    "temperature": temperature,
                    "texts": [self._describe(model, prompt.text, text) for text in texts],
                }
            )
        truth = self._describe(model, prompt.text, prompt.truth) if prompt.truth else None
        return {"prompt": prompt.text, "rule": RULE, "grid": grid, "truth": truth}

    def continuations(self) -> dict[str, Any]:
        """Return each prompt completed at temperature 0.5, and by each width of beams."""
        model = _Model(self._run, "best")
        completions, beams = [], []
        for number, prompt in enumerate(self.prompts):
            # The same draws would carry different beginnings into the same sentence.
            text = model.draw(prompt.text, self._settings.length, 0.5, number + 1)[number]
            completions.append({"prompt": prompt.text, "text": text, "truth": prompt.truth})
            beams += [self._beam(model, prompt, width) for width in self._settings.beams]
        return {"completions": completions, "beams": beams}

    def _beam(self, model: "_Model", prompt: Beginning, width: int) -> dict[str, Any]:
        text, log_p = model.search(prompt.text, self._settings.length, width)
        return {
            "prompt": prompt.text,
            "width": width,
            "log_probability_nats": log_p,
            **self._describe(model, prompt.text, text),
        }

    def _describe(self, model: "_Model", prompt: str, text: str) -> dict[str, Any]:
        loop = find_loop(text)
        return {
            "text": text,
            "nats_per_char": model.nats_per_char(prompt, text),
            **count_words(text, self._words)._asdict(),
            "loop": None if loop is None else loop._asdict(),
        }

    def _text(self, extent: Extent) -> str:
        ids = self._run.corpus.ids[extent.start : extent.stop]
        return self._run.corpus.vocabulary.decode(ids)


class _Model:
    """The network as it was at one stage, from text to text."""

    def __init__(self, run: Run, stage: int | Literal["best", "last"]) -> None:
        self._step, self._state = make_writing_step(run.load_model(stage), run.corpus)
        self._vocabulary = run.corpus.vocabulary
        self._seed = run.seed

    def draw(self, prompt: str, length: int, temperature: float, samples: int = 1) -> list[str]:
        """Return texts that go on after a prompt; at temperature 0 the greedy one."""
        is_greedy = temperature == GREEDY
        settings = (
            SamplingSettings(greedy=True)
            if is_greedy
            else SamplingSettings(temperature=temperature)
        )
        written = sample(
            self._step,
            self._state,
            self._read(prompt),
            settings=settings,
            length=length,
            seed=self._seed,
            samples=1 if is_greedy else samples,
        )
        return [self._vocabulary.decode(one.tokens) for one in written]

    def search(self, prompt: str, length: int, width: int) -> tuple[str, float]:
        """Return the best text of a beam search, and its log probability in nats."""
        best = beam_search(
            self._step,
            self._state,
            self._read(prompt),
            settings=BeamSettings(beams=width),
            length=length,
        )[0]
        return self._vocabulary.decode(best.tokens), best.log_probability_nats

    def nats_per_char(self, prompt: str, text: str) -> float | None:
        """Return −log p of a text per character; None where the model rules it out."""
        score = score_tokens(self._step, self._state, self._read(prompt), self._read(text))
        nats = -score.nats_per_token
        return nats if nats < float("inf") else None

    def _read(self, text: str) -> list[int]:
        ids: list[int] = self._vocabulary.encode(text).tolist()
        return ids
