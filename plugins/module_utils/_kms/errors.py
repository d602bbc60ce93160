# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""KMS's errors as exceptions, and what follows from each: is something unknown, or undecided? Pure."""

from __future__ import annotations

import typing as t

from .._errors import CloudKeysError
from .error_sentences import NO_ANSWER, alias_hint, explain, lacks_operation

__all__ = ("DENIED", "KmsError")

# The API Reference, Common Errors, has the one, and other services the other.
DENIED = ("AccessDenied", "AccessDeniedException")

# What concerns one key, or one thing of it. Other errors concern all of them, such as credentials that have expired.
_OF_ONE_KEY = (
    *DENIED,
    "DisabledException",
    "InvalidArnException",
    "KMSInvalidStateException",
    "NotFoundException",
    "UnsupportedOperationException",
    "ValidationException",
)


class KmsError(CloudKeysError):
    """A call to KMS that failed.

    :ivar operation: the API operation, such as ``ImportKeyMaterial``.
    :ivar code: KMS's error code, or the name of botocore's exception where no answer came.
    :ivar message: KMS's own message, which may be empty.
    :ivar status: the HTTP status of the answer; None where no answer came.
    """

    def __init__(
        self,
        operation: str,
        code: str,
        message: str,
        *,
        key: str,
        region: str,
        request_id: str | None = None,
        status: int | None = None,
        speaker: str = "KMS",
    ) -> None:
        self.operation = operation
        self.code = code
        self.message = message
        self.key = key
        self.request_id = request_id
        self.status = status
        sentence = explain(operation, code, message, key=key, region=region, status=status, speaker=speaker)
        super().__init__(sentence, kms_error=self.to_json())

    @property
    def lacking(self) -> bool:
        """Whether the endpoint has no such operation, as emulators may."""
        return lacks_operation(self.code, self.status)

    @property
    def unreadable(self) -> bool:
        """Whether it says "you will not learn this": one thing stays unknown, and everything else may go on."""
        return self.lacking or self.code in _OF_ONE_KEY

    @property
    def uncertain(self) -> bool:
        """Whether nobody knows if KMS has done what it was asked: no answer came, or the server failed (HTTP 5xx)."""
        return self.code in NO_ANSWER or ((self.status or 0) >= 500 and self.status != 501)

    @property
    def clause(self) -> str:
        """Why something could not be read, to stand after a colon or in parentheses."""
        if self.code in DENIED:
            return f"kms:{self.operation} is denied"
        if self.lacking:
            return f"the endpoint has no operation {self.operation} (HTTP {self.status}, {self.code})"
        own_words = f": {self.message}" if self.message else ""
        hint = alias_hint(self.key) if self.code == "NotFoundException" else ""
        return f"KMS answers {self.operation} with {self.code}{own_words}{hint}"

    def to_answer(self) -> dict[str, t.Any]:
        return {**super().to_answer(), "kms_error": self.to_json()}

    def to_json(self) -> dict[str, t.Any]:
        return {
            "operation": self.operation,
            "code": self.code,
            "message": self.message,
            "request_id": self.request_id,
        }
