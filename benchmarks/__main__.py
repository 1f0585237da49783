"""All benchmarks, one table each: `python -m benchmarks [--quick] [--repetitions N]`."""

from benchmarks import (
    cluster,
    copy_meter,
    cora_epoch,
    corpus_memory,
    data_generation,
    engine_choice,
    graph_layers,
    parallel_scan,
    playground,
    seconds_to_solve,
    seconds_to_text_loss,
    training_step,
    trials_per_minute,
    writing_speed,
)
from benchmarks.timing import parse_options

if __name__ == "__main__":
    options = parse_options("Run all benchmarks.")
    for question in (
        training_step,
        data_generation,
        engine_choice,
        parallel_scan,
        corpus_memory,
        copy_meter,
        writing_speed,
        playground,
        seconds_to_solve,
        seconds_to_text_loss,
        graph_layers,
        cora_epoch,
        trials_per_minute,
        cluster,
    ):
        question.main(options)
