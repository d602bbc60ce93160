# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator per process, and an AWS account without keys for each test. The conftest of a suite imports them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from kms_emulator.process import start_emulator

from .emulator import Emulator

# Account numbers that examples and other fixtures do not use.
_ACCOUNTS = itertools.count(700_000_000_000)


def new_account() -> str:
    """Return the number of an account without keys. The emulator also accepts it as an access key."""
    return str(next(_ACCOUNTS))


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with start_emulator() as process:
        yield Emulator(process.url)


@pytest.fixture(autouse=True)
def undo(emulator: Emulator) -> Iterator[None]:
    """Reset the emulator's settings after a test, because they apply to every key."""
    yield
    emulator.control.undo()


@pytest.fixture
def account() -> str:
    """The account of this test."""
    return new_account()


@pytest.fixture
def kms(emulator: Emulator, account: str) -> Any:
    """A client in this test's account."""
    return emulator.client(account_key=account)
