# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the model without HTTP."""

from __future__ import annotations

from typing import Any

from awx_model.model import Model


class Client:
    def __init__(self, model: Model) -> None:
        self.model = model

    def ask(self, method: str, path: str, **given: Any) -> tuple[int, Any]:
        """:param path: below ``/api/v2/``, with the query."""
        path, _mark, query = path.partition("?")
        pairs = [(name, value) for name, _equals, value in (one.partition("=") for one in query.split("&") if one)]
        return self.model.request(method, f"/api/v2/{path}", pairs, given or None)

    def get(self, path: str) -> Any:
        status, answer = self.ask("GET", path)
        assert status == 200, answer
        return answer

    def post(self, path: str, **given: Any) -> Any:
        """Carry out an action."""
        status, answer = self.ask("POST", path, **given)
        assert status in (200, 201, 202, 204), answer
        return answer

    def create(self, collection: str, **given: Any) -> int:
        """:returns: the ID of a new object."""
        answer = self.post(f"{collection}/", **given)
        assert isinstance(answer["id"], int)
        return int(answer["id"])

    def change(self, path: str, **given: Any) -> Any:
        status, answer = self.ask("PATCH", path, **given)
        assert status == 200, answer
        return answer

    def delete(self, path: str) -> None:
        status, answer = self.ask("DELETE", path)
        assert status in (202, 204), answer

    def id(self, collection: str, name: str) -> int:
        """The ID of the only object with this name."""
        return int(self.model.object(collection, name=name)["id"])

    def refused(self, status: int, method: str, path: str, **given: Any) -> Any:
        """:returns: the body of AWX's refusal."""
        got, answer = self.ask(method, path, **given)
        assert got == status, answer
        return answer
