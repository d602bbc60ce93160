# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``kms_key_material`` on the controller, where the plaintext key material is read, compared and encrypted. It never
leaves the controller.
"""

from __future__ import annotations

import time
import typing as t

from ansible.plugins.action import ActionBase

from ..module_utils._material.options import KEY_MATERIAL
from ..plugin_utils._controller.arguments import take_arguments
from ..plugin_utils._controller.conversations import Runtime, converse
from ..plugin_utils._controller.display import sleep
from ..plugin_utils._controller.failures import failing_the_task
from ..plugin_utils._controller.target import Target
from ..plugin_utils._material.converge import converge
from ..plugin_utils._material.declaration import declare
from ..plugin_utils._material.one_key import OneKey
from ..plugin_utils._material.outcome import to_result


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    @failing_the_task
    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        arguments = take_arguments(self._task, KEY_MATERIAL)
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        declaration = declare(self, arguments, check_mode=bool(self._task.check_mode))
        target = Target(self, task_vars, arguments.forwarded)
        (outcome,) = converse([converge(OneKey(declaration))], Runtime(target.visit, sleep, time.monotonic))
        return target.finish(result, to_result(outcome))
