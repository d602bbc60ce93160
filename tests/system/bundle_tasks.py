# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of the modules that make bundles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.emulator import Emulator
from support.external_key import ExternalKey

from .playbooks import Run, Task

EXPORT, WRAP, MATERIAL = (
    f"cloudkeys.aws.{name}" for name in ("kms_import_parameters", "kms_wrapped_key_material", "kms_key_material")
)


def export(key: ExternalKey, dest: Path | None = None, **options: Any) -> Task:
    entry = {"key_id": key.arn, **({"dest": str(dest)} if dest else {}), **options.pop("entry", {})}
    return {EXPORT: {"bundles": [entry], **options}}


def asked(emulator: Emulator, key: ExternalKey) -> int:
    calls = emulator.control.calls()
    return len([call for call in calls if (call["operation"], call["key"]) == ("GetParametersForImport", key.arn)])


def message(run: Run) -> str:
    return str(run.failed().results[-1]["msg"])
