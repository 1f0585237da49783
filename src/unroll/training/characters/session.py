"""One sitting of a training: steps, looks, stages and saves, from where it stands to its end."""

from pathlib import Path

from unroll.records.checkpoints import (
    BEST,
    SUFFIX,
    CheckpointError,
    find_newest,
    read_checkpoint,
    remove_older,
    step_name,
    write_checkpoint,
)
from unroll.training.characters.checkpoint import (
    load_weights,
    pack_training,
    pack_weights,
    unpack_training,
)
from unroll.training.characters.clock import WorkClock
from unroll.training.characters.evaluation import side_by_side, windowed
from unroll.training.characters.history import History
from unroll.training.characters.looks import plan_looks
from unroll.training.characters.run import Run
from unroll.training.characters.schedule import rate_at
from unroll.training.characters.stages import stage_steps
from unroll.training.characters.trainer import Trainer, build_model
from unroll.training.characters.watcher import Point, TextWatcher

_POINTS = 400
"""About so many points in a curve, of however many steps."""
_SAVE_SECONDS, _LATER_SAVE_SECONDS = 2.0, 10.0
"""Work that a kill can cost: at first, …"""
_LATER = 60.0
"""… and after so many seconds of work."""


class Session:
    """A training under way; `go` takes it to its end.

    All that decides the weights is in the trainer and the history, and both are in a checkpoint.
    When checkpoints are written depends on the clock, and decides nothing.
    """

    def __init__(self, run: Run, watcher: TextWatcher) -> None:
        self.run, self.watcher = run, watcher
        self.trainer = Trainer(
            run.recipe,
            ids=run.corpus.ids,
            extent=run.splits.training,
            vocabulary_size=run.corpus.vocabulary.size,
            seed=run.seed,
            precision=run.precision,
        )
        self.history = History(notes=list(run.notes))
        self._best = run.checkpoints / (BEST + SUFFIX)
        self._looks = plan_looks(run.recipe, run.steps, run.splits.tuning)
        self._stages = frozenset(stage_steps(run.steps))
        self._point_every = -(-run.steps // _POINTS)
        self._point_step, self._point_wall = 0, 0.0
        self._saved_wall = 0.0
        self._trusted: tuple[int, ...] = ()
        self._clock = WorkClock()

    def begin(self) -> None:
        """Save the state before step 1."""
        self._save(self._best)
        self._save_step()

    def go_on_from_checkpoint(self) -> bool:
        """Restore the newest checkpoint that can be used; False where there is none yet."""
        found = find_newest(
            self.run.checkpoints,
            lambda file: unpack_training(file, self.run.identity, self.trainer),
        )
        if found is None:
            return False
        self.history = found.content
        self._clock = WorkClock(self.history.cpu_seconds, self.history.wall_seconds)
        self._point_step = self.history.curve[-1]["step"] if self.history.curve else 0
        self._point_wall = self._saved_wall = self.history.wall_seconds
        self._trusted = (self.history.step,)
        with self._clock.stopped():
            self.watcher.resumed(self.history)
        for line in found.skipped:
            self.note(f"skipped {line}")
        self._check_best()
        return True

    def go(self) -> None:
        """Train to the last step, or until it is stopped, and save what came of it."""
        run, history = self.run, self.history
        # Also where a run goes on: its last sitting may have ended between a save and the stage.
        self._keep_stage_if_due()
        while not self._has_ended():
            history.step += 1
            rate = rate_at(run.recipe, history.step, run.steps)
            self.trainer.step(rate)
            looks = history.step in self._looks.steps
            if looks or history.step % self._point_every == 0:
                self._add_point(rate)
            if looks and history.stopped != "diverged":
                self._look()
            self._keep_stage_if_due()
            if self._has_ended() or self._is_save_due():
                self._save_step()

    def _has_ended(self) -> bool:
        return self.history.stopped is not None or self.history.step == self.run.steps

    def _add_point(self, rate: float) -> None:
        history, sums = self.history, self.trainer.take_sums()
        read = self.trainer.characters(history.step - self._point_step)
        wall = self._clock.wall()
        known = len(history.notes)
        history.add_point(sums.loss_nats / read, sums.right / read, rate)
        told = Point(
            sums.loss_nats / read, sums.right / read, read / max(1e-9, wall - self._point_wall)
        )
        self._point_step, self._point_wall = history.step, wall
        with self._clock.stopped():
            self.watcher.stepped(history.step, told)
        self._tell_since(known)

    def _look(self) -> None:
        run, history = self.run, self.history
        ids, extent, model = run.corpus.ids, self._looks.extent, self.trainer.model
        if run.recipe.feeding == "stream":
            figures = side_by_side(model, ids, extent)
        else:
            figures = windowed(model, ids, extent, run.recipe.window)
        known = len(history.notes)
        is_best = history.add_look(figures, run.recipe.patience)
        if warning := history.parting():
            history.notes.append(warning)
        mean = history.since_last_look()
        with self._clock.stopped():
            told = Point(mean["loss_nats"], mean["accuracy"], self._speed())
            self.watcher.evaluated(history.step, told, figures)
        self._tell_since(known)
        if is_best:
            self._save(self._best)

    def _keep_stage_if_due(self) -> None:
        step = self.history.step
        if step not in self._stages and not self._has_ended():
            return
        data = pack_weights(self.run.identity, self.trainer, step)
        write_checkpoint(self.run.stages_folder / step_name(step), data)
        with self._clock.stopped():
            self.watcher.on_stage(step, self.trainer.model)

    def _save_step(self) -> None:
        step = self.history.step
        self._save(self.run.checkpoints / step_name(step))
        # The best one does not count: where it alone is new, one damaged file costs all since.
        self._saved_wall = self._clock.wall()
        self._trusted = (*self._trusted[-1:], step)
        remove_older(self.run.checkpoints, self._trusted)

    def _save(self, path: Path) -> None:
        self.history.cpu_seconds, self.history.wall_seconds = self._clock.cpu(), self._clock.wall()
        write_checkpoint(path, pack_training(self.run.identity, self.trainer, self.history))
        with self._clock.stopped():
            self.watcher.saved(path)

    def _is_save_due(self) -> bool:
        wall = self._clock.wall()
        every = _SAVE_SECONDS if wall < _LATER else _LATER_SAVE_SECONDS
        return wall - self._saved_wall >= every

    def _check_best(self) -> None:
        """Make sure that the best weights are those that the history speaks of.

        Where they are lost, the present ones are the best until a look is made.
        """
        try:
            file = read_checkpoint(self._best)
            spare = build_model(self.run.recipe, self.run.corpus.vocabulary.size, self.run.seed)
            load_weights(file, self.run.identity, spare)
            if file.facts["step"] == self.history.best_step:
                return
            lost = f"{self._best}: of step {file.facts['step']}"
        except CheckpointError as error:
            lost = str(error)
        history = self.history
        self.note(
            f"the best weights so far, of step {history.best_step:,}, are lost ({lost}): those of "
            f"step {history.step:,} take their place until the next look"
        )
        history.best_step, history.best_nats, history.looks_since = history.step, None, 0
        self._save(self._best)

    def _speed(self) -> float:
        return self.trainer.characters(self.history.step) / max(1e-9, self._clock.wall())

    def note(self, text: str) -> None:
        """Keep a note, and tell it; one that was kept in an earlier sitting is only told."""
        if text not in self.history.notes:
            self.history.notes.append(text)
        with self._clock.stopped():
            self.watcher.noted(text)

    def _tell_since(self, known: int) -> None:
        with self._clock.stopped():
            for note in self.history.notes[known:]:
                self.watcher.noted(note)
