# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes each task result, with the task's fields, as a line of JSON: what any callback of a user could see."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: notification
short_description: Write task results and task fields as lines of JSON
description: To the file that the environment variable CLOUDKEYS_TEST_RECORD names. It leaves nothing out.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "record"

    def _write(self, outcome: str, result: Any) -> None:
        fields = result._task_fields
        entry = {"outcome": outcome, "task": fields.get("name"), "result": result._result, "fields": fields}
        with Path(os.environ["CLOUDKEYS_TEST_RECORD"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, default=repr) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._write("ok", result)

    def v2_runner_on_failed(self, result: Any, **_how: Any) -> None:
        self._write("failed", result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        self._write("item ok", result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        self._write("item failed", result)

    def v2_runner_retry(self, result: Any) -> None:
        self._write("retry", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._write("unreachable", result)
