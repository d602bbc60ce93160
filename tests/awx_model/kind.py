# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The description of a kind of AWX's objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .roles import ROLES

#: A field that is required for a new object.
REQUIRED: Final = object()

#: Values that several kinds share.
NAMED: Final = {"name": REQUIRED, "description": ""}
NOTIFICATIONS: Final = "notification_templates_started notification_templates_success notification_templates_error"
TEMPLATE: Final = {"last_job_run": None, "last_job_failed": False, "next_job_run": None, "status": "never updated"}
PROMPTS: Final = {
    **dict.fromkeys(("inventory", "scm_branch", "job_type", "job_tags", "skip_tags", "limit", "diff_mode")),
    **dict.fromkeys(("verbosity", "execution_environment", "forks", "job_slice_count", "timeout")),
}
#: Fields of a launch that extend the template's.
LAUNCH_LINKS: Final = {name: name for name in ("labels", "credentials", "instance_groups")}
#: Links between the nodes of a workflow.
WAYS: Final = ("success_nodes", "failure_nodes", "always_nodes")
OPTIONS: Final = {
    "job_type": "run",
    "inventory": None,
    "project": None,
    "playbook": "",
    "scm_branch": "",
    "forks": 0,
    "limit": "",
    "verbosity": 0,
    "extra_vars": "",
    "job_tags": "",
    "force_handlers": False,
    "skip_tags": "",
    "start_at_task": "",
    "timeout": 0,
    "use_fact_cache": False,
}


@dataclass(frozen=True)
class Kind:
    """:ivar type: the name of the type in the objects, in the singular.
    :ivar fields: writable fields, with their defaults.
    :ivar shown: read-only fields, with the values of a new object.
    :ivar references: fields that contain the ID of another object, and its kind.
    :ivar related: linked resources below the object's own URL; ``name=path`` if the two differ.
    :ivar links: associations, and the kind of the associated objects.
    :ivar unique: the fields whose combination is unique.
    :ivar fixed: fields that never change after the creation.
    :ivar cascade: references whose deletion also deletes this object; other references become null.
    :ivar named_by: the fields and references of a named URL.
    """

    type: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=dict)
    related: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    unique: tuple[str, ...] = ()
    capabilities: str = ""
    fixed: tuple[str, ...] = ()
    cascade: tuple[str, ...] = ()
    named_by: tuple[str, ...] = ()
    sequence: str = ""
    """The counter of IDs. All templates share one, and all jobs share one. Empty for a counter of the kind's own."""

    @property
    def roles(self) -> Mapping[str, tuple[str, str]]:
        return ROLES.get(self.type, {})


def linked(names: str, kind: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), kind)
