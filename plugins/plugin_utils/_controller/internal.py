# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The internal modules as tasks. Other action plugins run the module on the target directly, without this plugin."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

__all__ = ("InternalModule",)


class InternalModule(ActionBase):
    """Fail the task."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        # A failed task displays its arguments, and these may contain secrets.
        self._task.args.clear()
        super().run(tmp, task_vars)
        name = self._task.action.rpartition(".")[2]
        raise AnsibleActionFail(
            f"{name} is internal to cloudkeys.aws and cannot be used in tasks: it performs its requests without"
            " comparing key material, even in check mode. Use cloudkeys.aws.kms_key_material,"
            " cloudkeys.aws.kms_imported_keys or cloudkeys.aws.kms_import_parameters."
        )
