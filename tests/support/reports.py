# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kms_key_material_info`` in this process."""

from __future__ import annotations

from typing import Any

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.client import Kms
from ansible_collections.cloudkeys.aws.plugins.modules.kms_key_material_info import ARGUMENT_SPEC, tell

from .in_process import fresh_client


def info(client: Any, **options: Any) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = ask(client, **options)["kms_keys"]
    return entries


def ask(client: Any, **options: Any) -> dict[str, Any]:
    defaults = {name: spec.get("default") for name, spec in ARGUMENT_SPEC.items()}
    return tell(Kms(client), {**defaults, **options}, lambda region: Kms(fresh_client(client, region)))


def names(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["arn"] for entry in entries]
