# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KMS's error answers, with its codes and messages. Some messages of KMS are empty, and they are empty here also."""

from __future__ import annotations

_SERVER_SIDE = ("DependencyTimeoutException", "KMSInternalException")


class Refused(Exception):
    """An error answer.

    :ivar status: the HTTP status (API Reference, errors of each operation).
    """

    def __init__(self, code: str, message: str = "", status: int | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status or (500 if code in _SERVER_SIDE else 400)


def invalid(message: str) -> Refused:
    """An invalid parameter. The API Reference prints ValidationError; live KMS answers ValidationException."""
    return Refused("ValidationException", message)


def wrong_state(message: str) -> Refused:
    return Refused("KMSInvalidStateException", message)


def unsupported(message: str = "") -> Refused:
    return Refused("UnsupportedOperationException", message)


def not_found(arn: str) -> Refused:
    return Refused("NotFoundException", f"Key '{arn}' does not exist")


def wrong_origin(arn: str, origin: str) -> Refused:
    return unsupported(f"{arn} origin is {origin} which is not valid for this operation.")


def denied_by_policy(account: str, operation: str, resource: str) -> Refused:
    """Documented: IAM User Guide, "Troubleshoot access denied error messages"."""
    said = (
        f"User: arn:aws:iam::{account}:user/Delegated is not authorized to perform: kms:{operation} on resource:"
        f" {resource} with an explicit deny in a resource-based policy"
    )
    return Refused("AccessDeniedException", said)
