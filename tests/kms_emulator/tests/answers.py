# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Exact comparison of KMS's answers."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Final

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Iterator

#: For an error text without a source: the test checks only the code.
UNSOURCED: Final = re.compile("", re.DOTALL)

#: For messages that contain an ID which the client cannot know in advance.
ANY_MATERIAL_ID: Final = "[0-9a-f]{64}"


@contextmanager
def refused(code: str, message: str | re.Pattern[str], *, status: int = 400) -> Iterator[None]:
    """The calls in the block fail with this error code, message (a string must match exactly), and HTTP status."""
    with pytest.raises(ClientError) as caught:
        yield
    answer = caught.value.response
    told = answer["Error"].get("Message", "")
    assert answer["Error"]["Code"] == code, f"{answer['Error']['Code']}: {told}"
    if isinstance(message, str):
        assert told == message
    else:
        assert message.fullmatch(told) or message is UNSOURCED, f"{told!r} is not {message.pattern!r}"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status


def invalid_ciphertext() -> AbstractContextManager[None]:
    """KMS could not unwrap the material, or refused it. KMS never reports the reason."""
    return refused("InvalidCiphertextException", "")


def pending_import(arn: str) -> AbstractContextManager[None]:
    """The shorter text of live KMS; the key states page prints a longer one."""
    return refused("KMSInvalidStateException", f"{arn} is pending import.")


def unexpected_material(material_id: str) -> AbstractContextManager[None]:
    """The material is not the one that KMS expects under this ID (a regular expression, for unknown IDs)."""
    return refused(
        "IncorrectKeyMaterialException",
        re.compile(rf"Imported key material does not have the expected identifier \({material_id}\)\."),
    )
