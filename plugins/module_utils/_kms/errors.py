# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""KMS's errors as exceptions, and what follows from each: is something unknown, or undecided? Pure."""

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
    """A request that AWS refused, or that nobody answered.

    :ivar operation: what was refused, which is another one where boto3 asked for credentials; None without an answer.
    :ivar code: AWS's error code, or the name of botocore's exception, or ``NotAnAnswer``.
    :ivar message: AWS's own words, or botocore's, without what was sent. It may be empty.
    :ivar status: the HTTP status of the answer; None without one.
    """

    def __init__(
        self,
        operation: str | None,
        code: str,
        message: str = "",
        request_id: str | None = None,
        status: int | None = None,
    ) -> None:
        self.operation = operation
        self.code = code
        self.message = message
        self.request_id = request_id
        self.status = status
        super().__init__(f"AWS answers {operation} with {code}." if operation else f"AWS does not answer ({code}).")

    @property
    def no_credentials(self) -> str:
        """The sentence where another operation was refused: boto3 asks for credentials when it signs, of STS or IAM
        Identity Center.
        """
        return (
            f"boto3 got no AWS credentials on the target, since AWS answers {self.operation} with {self.code}. Check"
            " profile, the role or identity that it names, and whether that may be used from here."
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
        # Not above: most runs need no sentence, and the target compiles what is imported in every task.
        from .error_sentences import explain

        sentence = explain(operation, code, message, key=key, region=region, status=status, speaker=speaker)
        super().__init__(sentence, kms_error=self.to_json())

    @property
    def lacking(self) -> bool:
        """Whether the endpoint has no such operation, as emulators may."""
        return lacks_operation(self.code, self.status)

    @property
    def unreadable(self) -> bool:
        """Whether it says "you will not learn this": one thing stays unknown, and everything else may go on."""
        return self.lacking or is_of_one_key(self.code)

    @property
    def uncertain(self) -> bool:
        """Whether nobody knows if KMS has done what it was asked: no answer came, or the server failed (HTTP 5xx)."""
        return is_unanswered(self.code) or ((self.status or 0) >= 500 and self.status != 501)

    @property
    def clause(self) -> str:
        """Why something could not be read, to stand after a colon or in parentheses."""
        if is_denied(self.code):
            return f"kms:{self.operation} is denied"
        if self.lacking:
            return f"the endpoint has no operation {self.operation} (HTTP {self.status}, {self.code})"
        own_words = f": {self.message}" if self.message else ""
        hint = alias_hint(self.key) if self.code == "NotFoundException" else ""
        return f"KMS answers {self.operation} with {self.code}{own_words}{hint}"

    def to_json(self) -> dict[str, t.Any]:
        return {
            "operation": self.operation,
            "code": self.code,
            "message": self.message,
            "request_id": self.request_id,
        }


def quotable(words: t.Any, *secrets: str) -> str:
    """Somebody else's *words*, as one line that can stand in a message: without *secrets* and passwords in URLs.

    Anyone may have said them: KMS, a proxy, an emulator.
    """
    text = str(words)
    for secret in secrets:
        text = text.replace(secret, "(left out)")
    text = re.sub(r"://\S+", lambda url: without_credentials(url[0]), text)
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= _LONGEST_QUOTE else f"{line[:_LONGEST_QUOTE]} ..."
