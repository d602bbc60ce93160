# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of a kind of AWX's objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from .roles import ROLES

#: A field that a new object must be given.
REQUIRED: Final = object()

#: What several kinds have.
NAMED: Final = {"name": REQUIRED, "description": ""}
NOTIFICATIONS: Final = "notification_templates_started notification_templates_success notification_templates_error"
TEMPLATE: Final = {"last_job_run": None, "last_job_failed": False, "next_job_run": None, "status": "never updated"}
PROMPTS: Final = {
    **dict.fromkeys(("inventory", "scm_branch", "job_type", "job_tags", "skip_tags", "limit", "diff_mode")),
    **dict.fromkeys(("verbosity", "execution_environment", "forks", "job_slice_count", "timeout")),
}
#: What a launch can add to a template's own.
LAUNCH_LINKS: Final = {name: name for name in ("labels", "credentials", "instance_groups")}
#: The links between the nodes of a workflow.
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
    """:ivar type: as objects call themselves, in the singular.
    :ivar fields: what can be written, with the defaults.
    :ivar shown: what can only be read, with the values of a new object.
    :ivar references: fields that hold the id of another object, and its kind.
    :ivar related: what stands below the object's own URL and is linked to; ``name=path`` where the two differ.
    :ivar links: associations, and the kind of what is associated.
    :ivar unique: the fields that no two objects have alike.
    :ivar fixed: fields that never change after the creation.
    :ivar cascade: references whose target takes this object with it when it is deleted; others become null.
    :ivar named_by: how a named URL is made, as fields and references.
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
    """Unified templates are counted together, and so are jobs. Empty: by themselves."""

    @property
    def roles(self) -> Mapping[str, tuple[str, str]]:
        return ROLES.get(self.type, {})


def linked(names: str, kind: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), kind)
