# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Visits to the target: the module of the same name is run there, and what it says is taken apart."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

__all__ = ("Target", "VisitFailed")


class VisitFailed(Exception):
    """The target could not be asked at all: no boto3, no credentials, not started. *result* says why."""

    def __init__(self, result: dict[str, t.Any]) -> None:
        super().__init__(result.get("msg", ""))
        self.result = result


class Target:
    """Where the module runs.

    :ivar told: the warnings and deprecations that the module gave.
    """

    def __init__(self, action: ActionBase, module: str, task_vars: dict[str, t.Any] | None) -> None:
        self._action = action
        self._module = module
        self._task_vars = task_vars
        self.told: dict[str, list[t.Any]] = {}

    def finish(self, result: dict[str, t.Any], told: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
        """The task's result: *told*, with every warning once, wherever it came from."""
        merged = {**result, **self.told, **told}
        warnings = [*result.get("warnings", ()), *self.told.get("warnings", ()), *told.get("warnings", ())]
        if warnings:
            merged["warnings"] = list(dict.fromkeys(warnings))
        return merged

    def visit(self, arguments: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
        """The module's answers. Each also says in ``way`` how it came, for :class:`Way`.

        :raises VisitFailed: there are none.
        """
        visited = self._action._execute_module(
            module_name=self._module, module_args=dict(arguments), task_vars=self._task_vars
        )
        for kind in ("warnings", "deprecations"):
            told = visited.pop(kind, None)
            if told:
                self.told.setdefault(kind, []).extend(told)
        if visited.get("failed") or "answers" not in visited:
            visited.pop("invocation", None)
            visited.setdefault("msg", "The module ended without an answer.")
            raise VisitFailed({**visited, "failed": True})
        way = {"connection": self._action._connection.transport, **visited["endpoint"]}
        return [{**answer, "way": way} for answer in visited["answers"]]
