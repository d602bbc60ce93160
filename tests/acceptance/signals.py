# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals during a run: the first one ends the scenarios, and none ends the clean-up."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_NOTE = b"The clean-up is not interrupted: keys that are left cost money. It takes seconds.\n"


class Interrupted(BaseException):
    """A signal was received. Not an Exception, so that no scenario reports it as its own failure."""


@dataclass
class _State:
    """:ivar held: whether a signal waits for the end of :func:`unbroken`; *waiting* whether one does."""

    held: bool = False
    waiting: bool = False


_state = _State()


@contextmanager
def interruptible() -> Iterator[None]:
    """The first signal raises :class:`Interrupted`; later ones are only noted."""
    _state.held = _state.waiting = False
    with _handled_by(_interrupt):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """A signal is only noted."""
    with _handled_by(_note):
        yield


@contextmanager
def unbroken() -> Iterator[None]:
    """A signal takes effect at the end of the block."""
    _state.held = True
    try:
        yield
    finally:
        _state.held = False
    if _state.waiting:
        _interrupt()


def _interrupt(*_arguments: object) -> None:
    if _state.held:
        _state.waiting = True
        return
    _state.waiting = False
    for number in _SIGNALS:
        signal.signal(number, _note)
    raise Interrupted


def _note(*_arguments: object) -> None:
    """Not print(): the signal may come during one, or because the terminal is gone."""
    with contextlib.suppress(OSError):
        os.write(2, _NOTE)


@contextmanager
def _handled_by(handler: Callable[..., None]) -> Iterator[None]:
    former = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, one in former.items():
            signal.signal(number, one)
