# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write only one JSON document to standard output, for programs that start Ansible."""

from __future__ import annotations

import json
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: only_json
type: stdout
short_description: Write the results of a run as one document of JSON
description: As the callback ansible.posix.json does.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "only_json"

    def __init__(self) -> None:
        super().__init__()
        self._results: list[Any] = []

    def v2_runner_on_ok(self, result: Any) -> None:
        self._results.append(result._result)

    def v2_runner_on_failed(self, result: Any, **_how: Any) -> None:
        self._results.append(result._result)

    def v2_playbook_on_stats(self, _stats: Any) -> None:
        self._display.display(json.dumps(self._results, default=repr))
