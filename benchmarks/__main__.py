"""All benchmarks, one table each: `python -m benchmarks [--quick] [--repetitions N]`."""

from benchmarks import data_generation, engine_choice, training_step, trials_per_minute
from benchmarks.timing import parse_options

if __name__ == "__main__":
    options = parse_options("Run all benchmarks.")
    for question in (training_step, data_generation, engine_choice, trials_per_minute):
        question.main(options)
