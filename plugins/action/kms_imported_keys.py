# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``kms_imported_keys`` on the controller: many keys in one task, each with the options of the modules for one key."""

from __future__ import annotations

import time
import typing as t
from pathlib import Path

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils._errors import Refusal
from ..module_utils._fleet.options import RUN, TASK
from ..module_utils._kms.quotas import read_quotas
from ..plugin_utils._controller.arguments import declared_region, take_arguments, validate
from ..plugin_utils._controller.conversations import Runtime
from ..plugin_utils._controller.display import say, sleep
from ..plugin_utils._controller.failures import failing_the_task
from ..plugin_utils._controller.files import find_controller_file, read_controller_file
from ..plugin_utils._controller.target import Target
from ..plugin_utils._fleet.declaration import declare_fleet
from ..plugin_utils._fleet.fleet_key import FleetKey
from ..plugin_utils._fleet.limits import failures_allowed, read_canary
from ..plugin_utils._fleet.progress import Progress
from ..plugin_utils._fleet.result import decision_in_words, to_result
from ..plugin_utils._fleet.run import FailureLimits, keep_fleet
from ..plugin_utils._fleet.survey import Surveyed
from ..plugin_utils._key_list.entries import read_entries
from ..plugin_utils._key_list.given import KeyList, of_task, without_values
from ..plugin_utils._key_list.list_file import read_list

# In bytes: about ten thousand keys.
LARGEST_LIST = 16 * 1024 * 1024
# How many seconds a visit's requests wait for their turn. The controller displays progress between visits.
PATIENCE = 10.0


class ActionModule(ActionBase):
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    @failing_the_task
    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        kms_keys = self._task.args.get("kms_keys")
        if kms_keys is not None:
            self._task.args["kms_keys"] = without_values(kms_keys)
        arguments = take_arguments(self._task, TASK)
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        check_mode = bool(self._task.check_mode)
        given = validate({name: value for name, value in arguments.options.items() if name in RUN}, RUN)
        listed, folder = self._list(kms_keys, given)
        entries = read_entries(listed, arguments.options, declared_region(arguments.forwarded))
        keys = declare_fleet(self, entries, listed.name, folder=folder, spread=given["spread"], check_mode=check_mode)
        limits = FailureLimits(
            failures_allowed(given.get("max_failures"), len(keys)), read_canary(given.get("canary"), entries)
        )
        target = Target(self, task_vars, arguments.forwarded, quotas=given.get("quotas"), patience=PATIENCE)
        outcome = keep_fleet(
            keys,
            Runtime(target.visit, sleep, time.monotonic),
            limits=limits,
            progress=Progress(say, time.monotonic),
            quotas=read_quotas(given.get("quotas")),
            tell=_tell,
            check_mode=check_mode,
        )
        return target.finish(result, to_result(keys, outcome))

    def _list(self, kms_keys: t.Any, given: t.Mapping[str, t.Any]) -> tuple[KeyList, Path | None]:
        """The list; and the base directory of its relative paths, None for Ansible's search path for files."""
        src, folder = given.get("kms_keys_src"), given.get("folder")
        if (kms_keys is None) == (src is None):
            raise Refusal(
                "The task names no keys. Set kms_keys, or kms_keys_src for a YAML or CSV file."
                if src is None
                else "kms_keys and kms_keys_src are mutually exclusive. Keep only one of them."
            )
        if src is None:
            return of_task(kms_keys), None if folder is None else Path(folder)
        path = str(Path(folder or "", src))
        content = read_controller_file(self, path, LARGEST_LIST)
        return read_list(content, src), find_controller_file(self, path).absolute().parent


def _tell(key: FleetKey, surveyed: Surveyed) -> None:
    Display().v(decision_in_words(key, surveyed))
