# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator for the process, and an account for each test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.emulator import Emulator
from support.fixtures import account, emulator, kms, undo
from support.fleet import Fleet

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms import polling

from .declared_regions import HOME, Clients, clients_of

__all__ = ["account", "emulator", "kms", "undo"]


@pytest.fixture
def short_rotations(emulator: Emulator) -> None:
    """Shorten rotations, which take minutes in KMS."""
    emulator.control.rotation(0.01)


@pytest.fixture
def pauses_of_the_emulator(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each wait advance the emulator's clock without delaying the test."""
    for sleep in ("time.sleep", f"{polling.__name__}.sleep"):
        monkeypatch.setattr(sleep, lambda seconds: emulator.advance(seconds=seconds))


@pytest.fixture
def clients(emulator: Emulator, account: str) -> Clients:
    return clients_of(emulator, account)


@pytest.fixture
def fleet(kms: Any, tmp_path: Path) -> Fleet:
    return Fleet(kms, tmp_path)


@pytest.fixture
def home(emulator: Emulator, account: str, tmp_path: Path) -> Fleet:
    return Fleet(emulator.client(HOME, account), tmp_path)
