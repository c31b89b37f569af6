"""Fine-tuning on the user's own pictures with depth: what `streamdepth train` does."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict

import torch

from streamdepth.evaluation.metrics import Scores
from streamdepth.models.preprocess import input_size
from streamdepth.training.aligned_losses import make_loss
from streamdepth.training.curve import draw_curve
from streamdepth.training.dataset import Material, RgbdFolder, examine, usual_picture_size
from streamdepth.training.files import check_space, make_folder
from streamdepth.training.learner import Learner, choose_device
from streamdepth.training.loop import LoopOptions, read_checkpoint
from streamdepth.training.observer import Observer
from streamdepth.training.run_folder import Identity, RunFolder, check_identity, choose_folder, write_png
from streamdepth.training.settings import FineTuneSettings, LearningSettings
from streamdepth.training.trainable import Trainable, write_trained
from streamdepth.training.training_log import LogRow, TrainingLog, read_log
from streamdepth.training.validation import NetworkInTraining, look
from streamdepth.training.views import ViewMaker
from streamdepth.values import dataclass

_WARM_UP = 0.05
"""Share of the run over which the learning rate rises."""
_WEIGHTS_ON_DISK = 10
"""Copies: the weights, their average and two moments, twice while a checkpoint is replaced, and the output."""


@dataclass(frozen=True)
class Surroundings:
    """What a run needs of the world around it."""

    observer: Observer
    stop: Callable[[], bool]
    """Whether to end early; asked between two steps."""
    clock: Callable[[], float]
    """Seconds, rising."""
    date: str = ""
    """Of today, in ISO form, for the weights file."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended."""

    steps: int
    total: int
    first: Scores
    """Of the held-out pictures before the first step."""
    best: Scores
    """Of the weights in the output file."""
    best_step: int
    """Where these were found; 0: training has not helped, they are what it started from."""

    @property
    def complete(self) -> bool:
        """Whether it went to its end."""
        return self.steps >= self.total


def fine_tune(
    trainable: Trainable, data: RgbdFolder, settings: FineTuneSettings, surroundings: Surroundings
) -> Outcome:
    """Train a network, in place, on pictures with depth; the output holds the best weights from the start on.

    Before the first step every file is read once; what is wrong with any of them goes to the observer.

    Raises:
        UsageError: settings that do not fit each other, the data or, on resuming, the run.
        SourceError: pairs that cannot be used.
        WeightsError: a checkpoint that cannot be had or is of another network.
        ModelError: the loss is no longer a number, or the memory does not suffice for one picture.
        SinkError: the output, or the run's folder, cannot be written; `DiskFull` where there is no space.
    """
    folder = choose_folder(settings.run)
    view = settings.learning.view_size() or input_size(*usual_picture_size(data))
    material = examine(data, view, settings.data, surroundings.observer)
    make_folder(folder.path)
    check_space(folder.path, _WEIGHTS_ON_DISK * trainable.nbytes)
    return _Run(trainable, material, settings, surroundings, folder).execute()


class _Run:
    """One sitting of a run: from its start or its checkpoint to its end or a stop."""

    def __init__(
        self,
        trainable: Trainable,
        material: Material,
        settings: FineTuneSettings,
        surroundings: Surroundings,
        folder: RunFolder,
    ) -> None:
        self.trainable = trainable
        self.material = material
        self.settings = settings
        self.surroundings = surroundings
        self.folder = folder
        learning = settings.learning
        self.total = learning.total_steps(len(material.training))
        self.views = ViewMaker(material.training, material.view, learning.batch, learning.seed)
        self.learner = _make_learner(trainable, learning, self.total)
        self.averaged = copy.deepcopy(self.learner.network)
        self.identity = _identity(trainable, material, settings, self.learner.options)

    def execute(self) -> Outcome:
        """Do it."""
        torch.manual_seed(self.settings.learning.seed)
        if self.settings.run.resume:
            self._resume()
        with closing(TrainingLog(self.folder.log, keep=self.learner.steps)) as log:
            if self.learner.steps == 0:
                self._begin(log)
            self._train(log)
        self._save()
        self._draw()
        notes = self.learner.notes
        first, best = Scores(**notes["first"]), Scores(**notes["best"])
        return Outcome(self.learner.steps, self.total, first, best, notes["best_step"])

    def _resume(self) -> None:
        state = read_checkpoint(self.folder.checkpoint)
        check_identity(state.get("notes", {}).get("identity", {}), self.identity, self.folder.path)
        self.learner.restore(state, self.folder.checkpoint)
        self.surroundings.observer.say(f"going on after step {self.learner.steps} of {self.total}")
        output = self.settings.run.output
        if self.learner.steps and not output.is_file():
            self.surroundings.observer.say(
                f"{output} is not there: the best weights from here on are written"
            )
            del self.learner.notes["best"]
            self._look(self.learner.steps)

    def _begin(self, log: TrainingLog) -> None:
        self.learner.notes = {"identity": dict(self.identity)}
        scores = self._look(0)
        self.learner.notes["first"] = asdict(scores)
        log.append(_row(0, 0, None, None, scores))
        self._save()

    def _train(self, log: TrainingLog) -> None:
        saved, pause = self.surroundings.clock(), self.settings.run.checkpoint_minutes * 60
        while self.learner.steps < self.total and not self.surroundings.stop():
            self._step(log)
            if self.surroundings.clock() - saved >= pause:
                self._save()
                saved = self.surroundings.clock()

    def _step(self, log: TrainingLog) -> None:
        seen = self.learner.views
        progress = self.learner.step(lambda rng: self.views.batch_at(seen, rng))
        self.surroundings.observer.stepped(progress, self.total)
        due = progress.step % self.settings.run.validation_interval(self.total) == 0
        scores = self._look(progress.step) if due or progress.step == self.total else None
        log.append(_row(progress.step, progress.views, progress.loss, progress.learning_rate, scores))
        if scores is not None:
            self._draw()

    def _look(self, step: int) -> Scores:
        """Judge the averaged weights by the held-out pictures, and keep them where they are the best so far."""
        network = self.learner.averaged_network(self.averaged)
        engine = NetworkInTraining(
            lambda image: self.learner.infer(network, image), self.trainable.card, max(self.material.view)
        )
        seen = look(engine, self.material.validation, self.settings.data.cap)
        write_png(self.folder.sheet(step), seen.sheet)
        self.surroundings.observer.judged(step, self.total, seen.scores)
        best = self.learner.notes.get("best")
        if best is None or seen.scores.delta_1 > best["delta_1"]:
            self._keep(step, seen.scores)
        return seen.scores

    def _keep(self, step: int, scores: Scores) -> None:
        settings = {
            **self.identity,
            "step": step,
            "views": self.learner.views,
            "date": self.surroundings.date,
            "held out": asdict(scores),
        }
        write_trained(self.trainable, self.learner.average, settings, self.settings.run.output)
        self.learner.notes.update(best=asdict(scores), best_step=step)

    def _save(self) -> None:
        self.learner.save(self.folder.checkpoint)

    def _draw(self) -> None:
        write_png(self.folder.curve, draw_curve(read_log(self.folder.log)))


def _make_learner(trainable: Trainable, learning: LearningSettings, steps: int) -> Learner:
    horizon = steps * learning.batch
    options = LoopOptions(
        horizon=horizon,
        learning_rate=learning.learning_rate or trainable.learning_rate,
        warm_up=max(1, round(_WARM_UP * horizon)),
        seed=learning.seed,
    )
    frozen = trainable.encoder if learning.freeze_encoder else ()
    device = choose_device(learning.device)
    return Learner(trainable.network, make_loss(learning.loss), options, device, frozen)


def _identity(
    trainable: Trainable, material: Material, settings: FineTuneSettings, options: LoopOptions
) -> Identity:
    (width, height), learning = material.view, settings.learning
    return {
        "model": trainable.card.name,
        "start": trainable.origin,
        "size": f"{width}x{height}",
        "batch": str(learning.batch),
        "steps": str(options.horizon // learning.batch),
        "loss": learning.loss,
        "learning-rate": f"{options.learning_rate:g}",
        "freeze-encoder": str(learning.freeze_encoder).lower(),
        "seed": str(learning.seed),
        "cap": f"{settings.data.cap:g}",
        "unit of depth": material.training.unit,
        "choice of pictures": material.training.digest(material.root),
        "choice of held-out pictures": material.validation.digest(material.root),
    }


def _row(step: int, views: int, loss: float | None, rate: float | None, scores: Scores | None) -> LogRow:
    if scores is None:
        return LogRow(step, views, loss, rate)
    return LogRow(step, views, loss, rate, scores.delta_1, scores.abs_rel, scores.rmse)
