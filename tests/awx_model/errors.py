# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the API refuses, with its status and body."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """
    :ivar status: of HTTP.
    :ivar body: what becomes the answer's JSON.
    """

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


def invalid(**fields: str | list[str] | dict[str, Any]) -> Refused:
    """A 400 that says of each field what is wrong with it."""
    return Refused(400, {name: [text] if isinstance(text, str) else text for name, text in fields.items()})


def not_found(model: str | None = None) -> Refused:
    """:param model: of which there is no such object; None: there is no such URL."""
    known = f"No {model} matches the given query."
    return Refused(404, {"detail": known if model else "The requested resource could not be found."})


def model_name(kind: str) -> str:
    """The name of a kind of objects in AWX's own words, as in ``JobTemplate``."""
    return "".join(part.capitalize() for part in kind.split("_"))


def forbidden(detail: str) -> Refused:
    return Refused(403, {"detail": detail})


def not_allowed(method: str) -> Refused:
    return Refused(405, {"detail": f'Method "{method}" not allowed.'})
