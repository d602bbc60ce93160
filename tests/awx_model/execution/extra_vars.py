# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables as YAML. Texts from the launcher are not evaluated as templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from .inputs import JobInputs

_PREFIXES = ("awx", "tower")


class _Unsafe(yaml.SafeDumper):
    """A dumper that marks every text as ``!unsafe``, including list elements and keys."""


_Unsafe.add_representer(str, lambda dumper, text: dumper.represent_scalar("!unsafe", text))


def dump_unsafe(variables: Mapping[str, Any], trusted: Mapping[str, Any] | None = None) -> str:
    """:param trusted: variables that may be templates if they have the same value here."""
    trusted = trusted or {}
    documents = []
    for name, value in variables.items():
        same = name in trusted and trusted[name] == value
        dumper = yaml.SafeDumper if same else _Unsafe
        documents.append(yaml.dump({name: value}, Dumper=dumper, default_flow_style=False))
    return "".join(documents)


def extra_vars_file(job: JobInputs) -> str:
    """The content of env/extravars. AWX's own variables about the job override variables of the same name."""
    meta = {"job_id": job.job_id, "job_launch_type": "manual", **job.meta}
    said = {f"{prefix}_{name}": value for prefix in _PREFIXES for name, value in meta.items()}
    return dump_unsafe({**job.extra_vars, **said}, job.template_extra_vars)
