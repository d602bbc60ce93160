# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals of the API, with status and body."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A request that AWX refuses.

    :ivar status: the HTTP status.
    :ivar body: the answer, to be encoded as JSON.
    """

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


def invalid(**fields: str | list[str] | dict[str, Any]) -> Refused:
    """A 400 that lists the errors of each field."""
    return Refused(400, {name: [text] if isinstance(text, str) else text for name, text in fields.items()})


def not_found(model: str | None = None) -> Refused:
    """:param model: the kind of the missing object; None if the URL does not exist."""
    known = f"No {model} matches the given query."
    return Refused(404, {"detail": known if model else "The requested resource could not be found."})


def model_name(kind: str) -> str:
    """AWX's name of a kind of objects, as in ``JobTemplate``."""
    return "".join(part.capitalize() for part in kind.split("_"))


def forbidden(detail: str) -> Refused:
    return Refused(403, {"detail": detail})


def not_allowed(method: str) -> Refused:
    return Refused(405, {"detail": f'Method "{method}" not allowed.'})
