"""Everything that is needed to write with a trained model, read and checked beforehand."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from unroll.decoding import (
    Beam,
    BeamSettings,
    Choice,
    Sample,
    SamplingSettings,
    Step,
    beam_search,
    sample,
    score_tokens,
    stream,
)
from unroll.errors import ConfigError
from unroll.study.text.commands.opening import fitting_prompt
from unroll.study.text.commands.writer import make_step, make_writing_step
from unroll.study.text.settings import WriteSettings, read_stage
from unroll.text import Corpus, normalise
from unroll.training.characters.run import Run


@dataclass(frozen=True, kw_only=True, eq=False)
class Writing:
    """A model about to continue a prompt.

    Its methods draw nothing of each other: sample i is the same however it is asked for.
    """

    corpus: Corpus
    """Of the book that the model was trained on."""
    settings: WriteSettings
    """What is to be written."""
    prompt: str
    """In normal form."""
    prompt_ids: list[int]
    """As the model reads it."""
    notes: tuple[str, ...]
    """What a reader should know."""
    step: Step[Any]
    """Scores the next character."""
    reading_step: Step[Any]
    """The same, with the unknown symbol not ruled out."""
    state: Any
    """Before the prompt."""

    def stream(self, number: int) -> Iterator[Choice]:
        """Write sample `number`, character by character."""
        return stream(
            self.step,
            self.state,
            self.prompt_ids,
            settings=self._sampling(),
            length=self.settings.length,
            seed=self.settings.seed,
            number=number,
        )

    def samples(self) -> tuple[Sample, ...]:
        """Write all samples, side by side."""
        return sample(
            self.step,
            self.state,
            self.prompt_ids,
            settings=self._sampling(),
            length=self.settings.length,
            seed=self.settings.seed,
            samples=self.settings.samples,
        )

    def beams(self) -> tuple[Beam, ...]:
        """Search for the likeliest texts."""
        until = self.settings.until
        ends = None if until is None else tuple(self.corpus.vocabulary.read_prompt(until).ids)
        return beam_search(
            self.step,
            self.state,
            self.prompt_ids,
            settings=BeamSettings(beams=self.settings.beams or 1, until=ends),
            length=self.settings.length,
        )

    def loss_nats(self, text: str) -> float:
        """Return what each character of a continuation costs the model."""
        ids = self.corpus.vocabulary.encode(text).tolist()
        return -score_tokens(self.reading_step, self.state, self.prompt_ids, ids).nats_per_token

    def _sampling(self) -> SamplingSettings:
        settings = self.settings
        return SamplingSettings(
            temperature=settings.used_temperature,
            top_k=settings.top_k,
            top_p=settings.top_p,
            greedy=settings.greedy,
        )


def prepare_writing(run: Run, settings: WriteSettings) -> Writing:
    """Read the model and the prompt.

    Raises: ConfigError for an empty prompt, a top-k above V, or an `until` that the model can
    never write; what loading a stage raises.
    """
    corpus = run.corpus
    notes = []
    if settings.prompt is None:
        prompt = fitting_prompt(corpus, run.splits.training)
        notes.append(f"no --prompt given: begins with '{prompt}', as {corpus.name} does somewhere")
    else:
        prompt = normalise(settings.prompt)
    ids, unknown = corpus.vocabulary.read_prompt(prompt)
    if not ids:
        raise ConfigError("prompt is empty: give at least one character to begin with")
    if unknown:
        notes.append(unknown)
    V = corpus.vocabulary.size
    if settings.top_k is not None and settings.top_k > V:
        raise ConfigError(
            f"top-k must be at most V = {V}, the characters of the model, got {settings.top_k}"
        )
    if settings.until is not None and (never := corpus.vocabulary.describe_unknown(settings.until)):
        raise ConfigError(f"until '{settings.until}' can never be written: {never}")
    if run.result is None:
        notes.append(f"the training in {run.path} is not finished; these are its weights so far")
    model = run.load_model(read_stage(settings.stage))
    step, state = make_writing_step(model, corpus)
    return Writing(
        corpus=corpus,
        settings=settings,
        prompt=prompt,
        prompt_ids=ids,
        notes=tuple(notes),
        step=step,
        reading_step=make_step(model)[0],
        state=state,
    )
