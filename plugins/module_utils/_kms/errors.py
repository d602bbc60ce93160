# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""KMS errors as exceptions, and their consequences: is a fact unknown, or an outcome uncertain? Pure."""

from __future__ import annotations

import re
import typing as t

from .._errors import CloudKeysError
from .error_codes import is_denied, is_of_one_key, is_unanswered, lacks_operation
from .identifiers import alias_hint
from .provenance import without_credentials

__all__ = ("AwsError", "KmsError", "quotable")

_LONGEST_QUOTE = 1000


class AwsError(CloudKeysError):
    """A request that AWS rejected or did not respond to.

    :ivar operation: the rejected operation, which is another one if boto3 requested credentials; None without a
        response.
    :ivar code: the AWS error code, the name of botocore's exception, or ``NotAnAnswer``.
    :ivar message: the message from AWS or botocore, without request values. It may be empty.
    :ivar status: the HTTP status of the response; None without one.
    :ivar date: the Date header of the response; None without one.
    """

    def __init__(
        self,
        operation: str | None,
        code: str,
        message: str = "",
        request_id: str | None = None,
        status: int | None = None,
        date: str | None = None,
    ) -> None:
        self.date = date
        self.operation = operation
        self.code = code
        self.message = message
        self.request_id = request_id
        self.status = status
        super().__init__(f"AWS returned {code} for {operation}." if operation else f"AWS did not respond ({code}).")

    @property
    def no_credentials(self) -> str:
        """The message if another operation was rejected: boto3 requests credentials from STS or IAM Identity Center
        when it signs.
        """
        return (
            f"boto3 found no AWS credentials on the target: AWS returned {self.code} for {self.operation}. Check"
            " profile, the role or identity that it names, and whether it can be used from this target."
        )


class KmsError(CloudKeysError):
    """A failed call to KMS.

    :ivar operation: the API operation, such as ``ImportKeyMaterial``.
    :ivar code: the KMS error code, or the name of botocore's exception if there was no response.
    :ivar message: KMS's own message, which may be empty.
    :ivar status: the HTTP status of the response; None if there was no response.
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
        # Imported here because most runs need no message, and the target compiles all imported modules in every task.
        from .error_sentences import explain

        sentence = explain(operation, code, message, key=key, region=region, status=status, speaker=speaker)
        super().__init__(sentence, kms_error=self.to_json())

    @property
    def lacking(self) -> bool:
        """Whether the endpoint does not have the operation. Emulators may lack operations."""
        return lacks_operation(self.code, self.status)

    @property
    def unreadable(self) -> bool:
        """Whether the error hides only one fact, so that everything else can continue."""
        return self.lacking or is_of_one_key(self.code)

    @property
    def uncertain(self) -> bool:
        """Whether KMS may have performed the request: there was no response, or the server failed (HTTP 5xx)."""
        return is_unanswered(self.code) or ((self.status or 0) >= 500 and self.status != 501)

    @property
    def clause(self) -> str:
        """The reason why a fact could not be read, for use after a colon or in parentheses."""
        if is_denied(self.code):
            return f"kms:{self.operation} is denied"
        if self.lacking:
            return f"the endpoint does not have the operation {self.operation} (HTTP {self.status}, {self.code})"
        own_words = f": {self.message}" if self.message else ""
        hint = alias_hint(self.key) if self.code == "NotFoundException" else ""
        return f"KMS returned {self.code} for {self.operation}{own_words}{hint}"

    def to_json(self) -> dict[str, t.Any]:
        return {
            "operation": self.operation,
            "code": self.code,
            "message": self.message,
            "request_id": self.request_id,
        }


def quotable(words: t.Any, *secrets: str) -> str:
    """*words* from another source as one line that can be part of a message, without *secrets* and passwords in URLs.

    The source can be KMS, a proxy or an emulator, so the words are not trusted.
    """
    text = str(words)
    for secret in secrets:
        text = text.replace(secret, "(omitted)")
    text = re.sub(r"://\S+", lambda url: without_credentials(url[0]), text)
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= _LONGEST_QUOTE else f"{line[:_LONGEST_QUOTE]} ..."
