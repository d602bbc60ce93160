# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The edge of an action plugin: what the collection raises there becomes the failure of the task."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ansible.errors import AnsibleActionFail

from ...module_utils._errors import CloudKeysError

__all__ = ("failing_the_task",)


@contextlib.contextmanager
def failing_the_task() -> Iterator[None]:
    """:raises AnsibleActionFail: something of the collection was raised inside; its sentence is the task's ``msg``."""
    sentence = None
    try:
        yield
    except CloudKeysError as error:
        sentence = error.sentence
    if sentence is not None:
        # Outside of the except block: ansible-core before 2.19 puts the traceback of what is handled into the result.
        raise AnsibleActionFail(sentence)
