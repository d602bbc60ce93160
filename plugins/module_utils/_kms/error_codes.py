# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""The consequences of an error code: whether a fact stays unknown, or whether KMS may have performed the request. Pure.

The codes are from the KMS API Reference (Common Errors and the lists of the operations), and the names of botocore's
exceptions for requests without a response.
"""

from __future__ import annotations

__all__ = (
    "NOT_REACHED", "NO_REPLY", "THROTTLED", "THROTTLED_MINUTES", "has_no_code", "is_denied", "is_of_one_key",
    "is_passing", "is_unanswered", "lacks_operation",
)  # fmt: skip

# botocore's exceptions for a request that was not delivered ...
NOT_REACHED = ("ConnectTimeoutError", "EndpointConnectionError", "ProxyConnectionError")
# ... and for one that may have reached KMS. The last attempt may be of the first kind, and an earlier one of the
# second.
NO_REPLY = ("ConnectionClosedError", "ConnectionError", "HTTPClientError", "ReadTimeoutError", "SSLError")
_NO_ANSWER = (*NOT_REACHED, *NO_REPLY, "NotAnAnswer")

# KMS rejected the request because of too many requests and did nothing (AWS KMS Developer Guide, throttling).
THROTTLED = "ThrottlingException"
# How long requests are repeated while KMS accepts no request at all for an operation.
THROTTLED_MINUTES = 15

# botocore's standard mode also retries these: failures of the server or of a gateway, and too many requests.
_PASSING_STATUS = (429, 500, 502, 503, 504)

# Error codes for an operation that the endpoint does not have. InvalidAction is in KMS's Common Errors,
# UnknownOperationException in botocore's JSON protocol. Emulators return the others.
_LACKING = (
    "InvalidAction",
    "NotImplemented",
    "NotImplementedError",
    "NotImplementedException",
    "UnknownOperation",
    "UnknownOperationException",
)

# The first is in the API Reference, Common Errors; other services return the second.
_DENIED = ("AccessDenied", "AccessDeniedException")

# Errors about one key, or one property of it. Other errors, such as expired credentials, affect all keys.
_OF_ONE_KEY = (
    *_DENIED,
    "DisabledException",
    "InvalidArnException",
    "KMSInvalidStateException",
    "NotFoundException",
    "UnsupportedOperationException",
    "ValidationException",
)


def is_denied(code: str) -> bool:
    return code in _DENIED


def is_of_one_key(code: str) -> bool:
    """Whether an error is about one key or one property of it, and not about all keys."""
    return code in _OF_ONE_KEY


def is_unanswered(code: str) -> bool:
    return code in _NO_ANSWER


def is_passing(code: str, status: int | None) -> bool:
    """Whether the same request may succeed later. It is unknown whether KMS has performed it."""
    return (is_unanswered(code) and code != "NotAnAnswer") or status in _PASSING_STATUS


def lacks_operation(code: str, status: int | None) -> bool:
    """Whether an endpoint does not have the operation. KMS has all operations; emulators do not.

    HTTP 501 is "Not Implemented" (RFC 9110, section 15.6.2), with any code. A web server that does not know the request
    returns 404, 405 or 500 without a KMS error code. KMS's own errors always have a code.
    """
    return status == 501 or code in _LACKING or (has_no_code(code) and status in (404, 405, 500))


def has_no_code(code: str) -> bool:
    """Whether an error response had no KMS error code: botocore then uses the HTTP status as the code."""
    return not code or code.isdigit()
