# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""Secret values in a task's arguments: removed before they can be displayed, and refused if they would be logged.

A task with secret values must have no_log, because callbacks receive the task's templated arguments, even if the option
itself has no_log.
"""

from __future__ import annotations

import typing as t
import weakref

from ...module_utils._errors import Refusal
from ...module_utils._material.options import KEY_MATERIAL, SECRETS

__all__ = ("of_entry", "refuse_logged", "refuse_unusable", "take_secrets")

_LISTS = tuple(name for name, spec in KEY_MATERIAL.items() if "options" in spec)
# With until and retries, another action object runs with the same task, whose arguments no longer contain the values.
# They are stored outside the task, because Ansible passes tasks to other processes.
_TAKEN: weakref.WeakKeyDictionary[t.Any, dict[str, t.Any]] = weakref.WeakKeyDictionary()


def take_secrets(task: t.Any) -> dict[str, t.Any]:
    """Remove the secret values from a task's arguments, before anything can display them. Nothing is refused here.

    :returns: by the names of the options; ``previous_key_materials[0].key_material`` for an option of an entry. Empty
        values are included. A list whose entries are not all dictionaries is also included, as a whole.
    """
    secrets = _TAKEN.setdefault(task, {})
    taken = {name: task.args.pop(name) for name in SECRETS if name in task.args}
    for name in _LISTS:
        value = task.args.get(name)
        if value is None:
            continue
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            # Ansible would also parse text as options, and it may contain a secret.
            taken[name] = task.args.pop(name)
            continue
        entries = task.args[name] = [dict(entry) for entry in value]
        for place, entry in enumerate(entries):
            taken |= {f"{name}[{place}].{one}": entry.pop(one) for one in SECRETS if one in entry}
    secrets.update({name: value for name, value in taken.items() if value is not None})
    return secrets


def refuse_unusable(secrets: t.Mapping[str, t.Any]) -> None:
    """:raises Refusal: a value is empty, for example from a lookup without a result; or a list has invalid entries."""
    for name, value in secrets.items():
        if name in _LISTS:
            raise Refusal(f"{name} must be a list of dictionaries.")
        if not (value.strip() if isinstance(value, str) else value):
            raise Refusal(f"{name} is empty. Give a value, or omit the option.")


def of_entry(secrets: t.Mapping[str, t.Any], name: str, place: int) -> dict[str, t.Any]:
    """The secrets of one entry, by the names of its options."""
    start = f"{name}[{place}]."
    return {one[len(start) :]: value for one, value in secrets.items() if one.startswith(start)}


def refuse_logged(secrets: t.Mapping[str, t.Any], no_log: bool) -> None:
    """:raises Refusal: there are secret values, and the task does not have no_log."""
    if secrets and not no_log:
        names = " and ".join(secrets)
        files = ", ".join(f"{name}_src" for name in SECRETS)
        raise Refusal(
            f"{names} {'is a value' if len(secrets) == 1 else 'are values'} that callbacks and job logs would"
            " receive with the task's arguments. Add no_log: true to the task, or use a file on the controller"
            f" ({files}), which does not require no_log."
        )
