# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator for the process; a project folder and an untouched key for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.emulator import Emulator
from kms_emulator.process import start_emulator

from .playbooks import CREDENTIALS, Project


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with start_emulator() as process:
        yield Emulator(process.url)


@pytest.fixture(autouse=True)
def _undo(emulator: Emulator) -> Iterator[None]:
    """What a test sets in the emulator concerns every key, and so the next test."""
    yield
    emulator.control.undo()


@pytest.fixture
def kms(emulator: Emulator) -> Any:
    return emulator.client(account_key=CREDENTIALS["AWS_ACCESS_KEY_ID"])


@pytest.fixture
def project(tmp_path: Path, emulator: Emulator) -> Project:
    return Project(tmp_path, emulator.url)
