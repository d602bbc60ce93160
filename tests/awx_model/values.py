# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Field values, each checked separately as in AWX."""

from __future__ import annotations

from typing import Any, Final

from . import variables
from .errors import Refused
from .kinds import KINDS, REQUIRED
from .store import Item, Store

_VARIABLES: Final = ("extra_vars", "variables", "source_vars")
_MAPPINGS: Final = ("inputs", "injectors", "notification_configuration", "messages")
_CHOICES: Final[dict[tuple[str, str], tuple[Any, ...]]] = {
    ("job_templates", "job_type"): ("run", "check"),
    ("job_templates", "verbosity"): (0, 1, 2, 3, 4, 5),
    ("workflow_job_template_nodes", "job_type"): ("run", "check", "", None),
    ("schedules", "job_type"): ("run", "check", "", None),
    ("projects", "scm_type"): ("", "git", "svn", "insights", "archive"),
    ("execution_environments", "pull"): ("always", "missing", "never", ""),
    ("inventories", "kind"): ("", "smart", "constructed"),
    ("inventory_sources", "source"): (
        *("file", "constructed", "scm", "ec2", "gce", "azure_rm", "vmware", "satellite6", "openstack", "rhv"),
        *("controller", "insights", "terraform", "openshift_virtualization"),
    ),
}
_NULLABLE: Final = ("host_filter", "messages")


def cleaned(store: Store, collection: str, given: dict[str, Any], item: Item | None) -> dict[str, Any]:
    """The given values, converted to the right types and without read-only fields.

    :param item: the changed object; None for a new object.
    :raises Refused: a required value is missing, or a value has the wrong type.
    """
    kind = KINDS[collection]
    values: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for name, default in kind.fields.items():
        if item is not None and name in kind.fixed:
            continue
        if name not in given:
            if item is None and default is REQUIRED:
                errors[name] = ["This field is required."]
            continue
        try:
            values[name] = _value(store, collection, name, given[name])
        except ValueError as error:
            errors[name] = [str(error)]
    if errors:
        raise Refused(400, errors)
    return values


def _value(store: Store, collection: str, name: str, value: Any) -> Any:
    kind = KINDS[collection]
    default = kind.fields[name]
    if name in kind.references:
        return _reference(store, kind.references[name], value, required=default is REQUIRED)
    if name == "extra_data":
        return variables.parsed(name, value)
    if name in _VARIABLES:
        return variables.kept(name, value)
    if name in _MAPPINGS:
        if not isinstance(value, dict) and not (value is None and name in _NULLABLE):
            raise ValueError(f"{type(value).__name__} provided, expected dict")
        return value
    if value is None and (default is None or name in _NULLABLE):
        return None
    checked = _typed(default, value)
    if default is REQUIRED and not checked:
        raise ValueError("This field may not be blank.")
    choices = _CHOICES.get((collection, name))
    if choices and checked not in choices:
        raise ValueError(f'"{value}" is not a valid choice.')
    return checked


def _typed(default: Any, value: Any) -> Any:
    if isinstance(default, bool):
        if value in (None, ""):
            return False
        if isinstance(value, bool):
            return value
        if str(value).lower() in ("true", "1", "false", "0"):
            return str(value).lower() in ("true", "1")
        raise ValueError("Must be a valid boolean.")
    if isinstance(default, int):
        if value is None:
            raise ValueError("This field may not be null.")
        if isinstance(value, bool) or not str(value).lstrip("-").isdigit():
            raise ValueError("A valid integer is required.")
        return int(value)
    if default is None:
        return value
    if value is None:
        if default is REQUIRED:
            raise ValueError("This field may not be null.")
        return ""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return str(value)
    raise ValueError("Not a valid string.")


def _reference(store: Store, collection: str, value: Any, *, required: bool) -> int | None:
    if value in (None, ""):
        if required:
            raise ValueError("This field may not be null.")
        return None
    if isinstance(value, bool) or not str(value).isdigit():
        raise ValueError(f"Incorrect type. Expected pk value, received {type(value).__name__}.")
    if store.find(collection, int(value)) is None:
        raise ValueError(f'Invalid pk "{value}" - object does not exist.')
    return int(value)
