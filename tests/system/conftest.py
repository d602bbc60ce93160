# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator for the process, and for each test an account and a project folder that works in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.emulator import Emulator
from support.external_key import ExternalKey
from support.fixtures import account, emulator, kms, undo

from .ceremonies import ceremony
from .playbooks import Project

__all__ = ["account", "ceremony", "emulator", "key", "kms", "project", "undo"]


@pytest.fixture
def project(tmp_path: Path, emulator: Emulator, account: str) -> Project:
    return Project(tmp_path, emulator.url, account=account)


@pytest.fixture
def key(kms: Any) -> ExternalKey:
    """A key without key material, in this test's account."""
    return ExternalKey.create(kms)
