# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator whose clock is this machine's, for tests in which a machine without a network goes by its own clock.

The one that the other tests share is moved forward by them, and what it hands out seems to be valid for too long.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kms_emulator.process import start_emulator
from support.emulator import Emulator


@pytest.fixture(scope="module")
def emulator_on_time() -> Iterator[Emulator]:
    """A module of tests takes it under the name *emulator*."""
    with start_emulator() as process:
        yield Emulator(process.url)
