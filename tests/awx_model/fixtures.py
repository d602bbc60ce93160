# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An AWX of its own for each test: the conftest of a suite imports it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .server import ModelServer, serving

#: Any token will do.
TOKEN = "not-a-secret"


def controller_variables(server: ModelServer) -> dict[str, str]:
    """The variables that select the AWX for the modules of awx.awx."""
    return {"CONTROLLER_HOST": server.url, "CONTROLLER_OAUTH_TOKEN": TOKEN}


@pytest.fixture
def awx() -> Iterator[ModelServer]:
    """A model without any settings, in a thread of this process: ``awx.url`` for clients, ``awx.model`` for tests."""
    with serving() as server:
        yield server
