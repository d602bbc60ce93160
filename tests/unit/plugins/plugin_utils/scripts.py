# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The target's side of a conversation, scripted in advance."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TypeVar

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.provenance import Provenance
from ansible_collections.cloudkeys.aws.plugins.module_utils._messages import Answer, Request
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._controller.conversations import (
    Answers,
    Asks,
    Lost,
    Runtime,
    converse,
)

PROVENANCE = Provenance("https://kms.eu-central-1.amazonaws.com", "verified", connection="local")

_Result = TypeVar("_Result")


def play(
    conversation: Generator[Asks, Answers, _Result], *answers: Answer | Lost, pauses: list[float] | None = None
) -> tuple[_Result, list[Request]]:
    """The result and the requests of a conversation that receives exactly these answers.

    :param pauses: receives its pauses in seconds, which take no time here; None if it must not pause.
    """
    asked: list[Request] = []
    left = list(answers)

    def visit(requests: Sequence[Request]) -> list[Answer | Lost]:
        asked.extend(requests)
        return [left.pop(0) for _request in requests]

    means = Runtime(visit) if pauses is None else Runtime(visit, lambda one: pauses.append(one.seconds))
    (result,) = converse([conversation], means)
    assert not left, "fewer requests than expected"
    return result, asked
