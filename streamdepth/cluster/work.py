"""A task carried out by whoever is asked for it: in this process, or in a worker on another machine."""

from __future__ import annotations

import platform
from typing import Any

import cv2

from streamdepth.cluster.desk import Lacking, at_hand, leave
from streamdepth.cluster.draw import draw
from streamdepth.cluster.infer import infer
from streamdepth.cluster.kept import mark_in
from streamdepth.cluster.tasks import Answer, Draw, Film, Infer, Leave, Machine, Render, Task, Wanted
from streamdepth.cluster.whole import render
from streamdepth.errors import SinkError, StreamdepthError
from streamdepth.resuming.conditions import of_machine


def carry_out(task: Task) -> Answer:
    """Do it; what is wrong in it comes back as words, since not every error can travel."""
    cv2.setNumThreads(1)
    film = task.wanted.film
    machine = this_machine(film)
    try:
        if isinstance(task.wanted, Leave):
            leave(film)
            return Answer(machine)
        if film.store is None:
            _check_folder(film, machine)
            return Answer(machine, _result(task.wanted))
        with at_hand(task.wanted, film.store, machine.name) as wanted:
            result = _result(wanted)
        return Answer(machine, result)
    except Lacking as lacking:
        return Answer(machine, lacks=lacking.needed)
    except StreamdepthError as error:
        return Answer(machine, trouble=error.what, cure=error.cure)


def this_machine(film: Film) -> Machine:
    """What results depend on here."""
    network = film.spec.network
    return Machine(platform.node(), of_machine(network.engine, network.threads, 1))


def _result(wanted: Wanted) -> Any:
    if isinstance(wanted, Infer):
        return infer(wanted)
    if isinstance(wanted, Draw):
        return draw(wanted)
    if isinstance(wanted, Render):
        return render(wanted)
    return None


def _check_folder(film: Film, machine: Machine) -> None:
    if mark_in(film.folder) != film.mark:
        raise SinkError(
            f"{machine.name} does not see {film.folder}",
            "input, output and --model must lie in folders that stay, and that all machines share under the same "
            "names; or name a --cluster-store",
        )
