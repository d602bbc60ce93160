# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The boundary of an action plugin: exceptions of the collection become the failure of the task."""

from __future__ import annotations

import functools
import typing as t
from collections.abc import Callable

from ansible.errors import AnsibleActionFail

from ...module_utils._errors import CloudKeysError

__all__ = ("failing_the_task",)

_Parameters = t.ParamSpec("_Parameters")
_Result = t.TypeVar("_Result")


def failing_the_task(run: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Decorate the method ``run`` of an action plugin.

    :raises AnsibleActionFail: an exception of the collection was raised; its message is the task's ``msg``.
    """

    @functools.wraps(run)
    def run_or_fail(*arguments: _Parameters.args, **keywords: _Parameters.kwargs) -> _Result:
        try:
            return run(*arguments, **keywords)
        except CloudKeysError as error:
            sentence = error.sentence
        # Outside the except block, because ansible-core before 2.19 adds the traceback of a handled exception to the
        # result.
        raise AnsibleActionFail(sentence)

    return run_or_fail
