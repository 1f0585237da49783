"""From next-token scores to text, over a step that hides the model: filters, sampling, beams."""

from unroll.decoding.beams import Beam, BeamSettings, beam_search
from unroll.decoding.filters import (
    at_temperature,
    filtered,
    keep_top_k,
    keep_top_p,
    log_softmax,
    softmax,
)
from unroll.decoding.sampling import (
    Alternative,
    Choice,
    Pick,
    Sample,
    SamplingSettings,
    inverse_cdf,
    sample,
    stream,
    uniforms,
)
from unroll.decoding.score import Score, score_tokens
from unroll.decoding.step import ScoresError, Step, peak_at_zero
from unroll.decoding.tensor_step import TensorStep, select_rows
from unroll.decoding.without import Without

__all__ = [
    "Alternative",
    "Beam",
    "BeamSettings",
    "Choice",
    "Pick",
    "Sample",
    "SamplingSettings",
    "Score",
    "ScoresError",
    "Step",
    "TensorStep",
    "Without",
    "at_temperature",
    "beam_search",
    "filtered",
    "inverse_cdf",
    "keep_top_k",
    "keep_top_p",
    "log_softmax",
    "peak_at_zero",
    "sample",
    "score_tokens",
    "select_rows",
    "softmax",
    "stream",
    "uniforms",
]
