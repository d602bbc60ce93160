# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase

from ..module_utils._bundle.options import IMPORT_PARAMETERS
from ..module_utils._kms.quotas import read_quotas
from ..plugin_utils._bundle.export import export, write
from ..plugin_utils._bundle.export_declaration import declare_exports
from ..plugin_utils._bundle.export_results import to_result
from ..plugin_utils._controller.arguments import take_arguments, validate
from ..plugin_utils._controller.conversations import Runtime, converse, downloads_in_a_wave
from ..plugin_utils._controller.failures import failing_the_task
from ..plugin_utils._controller.target import Target


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    @failing_the_task
    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        arguments = take_arguments(self._task, IMPORT_PARAMETERS)
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        given = validate(arguments.options, IMPORT_PARAMETERS)
        downloads = downloads_in_a_wave(read_quotas(given["quotas"]))
        exports = declare_exports(self, given, arguments.forwarded, check_mode=bool(self._task.check_mode))
        target = Target(self, task_vars, arguments.forwarded, quotas=given["quotas"])
        outcomes = converse([export(declared) for declared in exports], Runtime(target.visit, downloads=downloads))
        for declared, outcome in zip(exports, outcomes, strict=True):
            write(declared, outcome)
        return target.finish(result, to_result(exports, outcomes, return_bundles=given["return_bundles"]))
