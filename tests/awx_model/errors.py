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


def not_found() -> Refused:
    return Refused(404, {"detail": "Not found."})


def forbidden(detail: str) -> Refused:
    return Refused(403, {"detail": detail})


def not_allowed(method: str) -> Refused:
    return Refused(405, {"detail": f'Method "{method}" not allowed.'})
