# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``kms_key_material`` on the controller: the key material is read, compared and encrypted here, and never leaves."""

from __future__ import annotations

import typing as t
import weakref

from ansible.plugins.action import ActionBase

from ansible_collections.cloudkeys.aws.plugins.plugin_utils._converge import Answer, Declaration, converge
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._declaration import declare
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._results import to_result
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._sources import refuse_logged, take_secrets
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._task_arguments import pin_region, split_arguments
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._visits import VisitFailed, hold

MODULE = "cloudkeys.aws.kms_key_material"

# With until and retries another action object runs with the same task, whose arguments no longer hold the values.
# Kept beside the task and not in it: Ansible hands tasks on to other processes.
_TAKEN: weakref.WeakKeyDictionary[t.Any, dict[str, t.Any]] = weakref.WeakKeyDictionary()


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        # Before anything that could fail: a failed task shows its arguments.
        secrets = _TAKEN.setdefault(self._task, {})
        secrets.update(take_secrets(self._task.args))
        options, forwarded = split_arguments(self._task.args)
        refuse_logged(secrets, bool(self._task.no_log))
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        declaration = declare(self, options, secrets, bool(self._task.check_mode))
        forwarded = pin_region(declaration.key, forwarded)
        try:
            (outcome,) = hold(
                [converge(declaration)],
                lambda entries: self._visit(declaration, forwarded, entries, result, task_vars),
            )
        except VisitFailed as failed:
            return {**result, **failed.result}
        told = to_result(outcome, declaration.check_mode)
        warnings = [*result.pop("warnings", []), *told.pop("warnings", [])]
        result.update(told)
        if warnings:
            result["warnings"] = list(dict.fromkeys(warnings))
        return result

    def _visit(
        self,
        declaration: Declaration,
        forwarded: dict[str, t.Any],
        entries: list[dict[str, t.Any]],
        result: dict[str, t.Any],
        task_vars: dict[str, t.Any] | None,
    ) -> list[Answer]:
        arguments = {**forwarded, "key_id": declaration.key, "controller": {"keys": entries}}
        visited = self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars)
        for kind in ("warnings", "deprecations"):
            told = visited.pop(kind, None)
            if told:
                result.setdefault(kind, []).extend(told)
        if visited.get("failed") or "answers" not in visited:
            visited.pop("invocation", None)
            visited.setdefault("msg", "The module ended without an answer.")
            raise VisitFailed({**visited, "failed": True})
        way = {"connection": self._connection.transport, **visited["endpoint"]}
        return [{**answer, "way": way} for answer in visited["answers"]]
