# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``kms_key_material`` on the controller: the key material is read, compared and encrypted here, and never leaves."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from ansible_collections.cloudkeys.aws.plugins.module_utils._material_options import DECLARED
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._converge import converge
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._declaration import declare
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._results import to_result
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._sources import refuse_logged, take_secrets
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._target import Target, VisitFailed
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._task_arguments import pin_region, split_arguments
from ansible_collections.cloudkeys.aws.plugins.plugin_utils._visits import hold

MODULE = "cloudkeys.aws.kms_key_material"


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        # Before anything that could fail: a failed task shows its arguments.
        secrets = take_secrets(self._task)
        options, forwarded = split_arguments(self._task.args, DECLARED)
        refuse_logged(secrets, bool(self._task.no_log))
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        declaration = declare(self, options, secrets, bool(self._task.check_mode))
        forwarded = pin_region(declaration.key, forwarded)
        target = Target(self, MODULE, task_vars)
        forwarded["key_id"] = declaration.key
        try:
            (outcome,) = hold(
                [converge(declaration)],
                lambda entries: target.visit({**forwarded, "controller": {"keys": entries}}),
            )
        except VisitFailed as failed:
            return {**result, **target.told, **failed.result}
        return target.finish(result, to_result(outcome))
