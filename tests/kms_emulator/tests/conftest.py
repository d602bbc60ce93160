# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator per test process. Tests create their own keys and do not wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.emulator import ROTATION_SECONDS, ClientFor, Control, Emulator

from kms_emulator.process import start_emulator

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with start_emulator() as process:
        started = Emulator(process.url)
        started.control.stop_clock()
        started.control.rotation(ROTATION_SECONDS)
        yield started


@pytest.fixture(scope="session")
def kms(emulator: Emulator) -> Any:
    """A client in the Region that most tests use."""
    return emulator.client()


@pytest.fixture(scope="session")
def kms_in(emulator: Emulator) -> ClientFor:
    """Clients for other Regions of the same account."""
    return emulator.client


@pytest.fixture(scope="session")
def other_account(emulator: Emulator) -> Any:
    """A client of another account in the same Region."""
    return emulator.client(account_key="222222222222")


@pytest.fixture
def control(emulator: Emulator) -> Iterator[Control]:
    """The control API for one test. Its settings are reset after the test."""
    yield emulator.control
    emulator.control.undo()
