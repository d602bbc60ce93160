# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One emulator for the process, and an AWS account without keys for each test: the conftest of a suite imports them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from kms_emulator.process import start_emulator

from .emulator import Emulator

# Numbers that no example and no other fixture uses.
_ACCOUNTS = itertools.count(700_000_000_000)


def new_account() -> str:
    """The number of an account that has no keys yet; the emulator takes it as an access key, too."""
    return str(next(_ACCOUNTS))


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with start_emulator() as process:
        yield Emulator(process.url)


@pytest.fixture(autouse=True)
def undo(emulator: Emulator) -> Iterator[None]:
    """What a test sets in the emulator concerns every key, and so the next test."""
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
