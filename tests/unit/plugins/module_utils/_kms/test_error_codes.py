# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The consequences of each error code."""

from __future__ import annotations

import pytest

from ansible_collections.cloudkeys.aws.plugins.module_utils._kms.error_codes import (
    has_no_code,
    is_denied,
    is_of_one_key,
    is_unanswered,
    lacks_operation,
)


@pytest.mark.parametrize(
    ("code", "status", "lacking"),
    [
        ("UnknownOperationException", 400, True),
        ("InternalFailure", 501, True),
        ("InternalFailure", 500, False),
        ("404", 404, True),
        ("", 405, True),
        ("503", 503, False),
        ("NotFoundException", 404, False),
        ("EndpointConnectionError", None, False),
    ],
)
def test_an_operation_that_is_lacking_is_no_failed_one(code: str, status: int | None, lacking: bool) -> None:
    assert lacks_operation(code, status) is lacking


def test_an_http_status_is_no_code_of_kms() -> None:
    assert has_no_code("500")
    assert has_no_code("")
    assert not has_no_code("KMSInternalException")


@pytest.mark.parametrize(
    ("code", "denied", "of_one_key", "unanswered"),
    [
        ("AccessDeniedException", True, True, False),
        ("NotFoundException", False, True, False),
        ("ExpiredTokenException", False, False, False),
        ("ReadTimeoutError", False, False, True),
        ("NotAnAnswer", False, False, True),
    ],
)
def test_what_goes_on_after_an_error(code: str, denied: bool, of_one_key: bool, unanswered: bool) -> None:
    assert (is_denied(code), is_of_one_key(code), is_unanswered(code)) == (denied, of_one_key, unanswered)
