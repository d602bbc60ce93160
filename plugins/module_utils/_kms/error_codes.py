# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.

"""What an error code means for what follows: is something unknown, or undecided? Pure.

The codes are those of the KMS API Reference, Common Errors and the operations' own lists, and the names of botocore's
exceptions where no answer came.
"""

from __future__ import annotations

__all__ = (
    "NOT_REACHED", "NO_REPLY", "THROTTLED", "THROTTLED_MINUTES", "has_no_code", "is_denied", "is_of_one_key",
    "is_passing", "is_unanswered", "lacks_operation",
)  # fmt: skip

# botocore's exceptions of a request that reached nobody ...
NOT_REACHED = ("ConnectTimeoutError", "EndpointConnectionError", "ProxyConnectionError")
# ... and of one that may have reached KMS. The last attempt may be of the first kind and one before it of the second.
NO_REPLY = ("ConnectionClosedError", "ConnectionError", "HTTPClientError", "ReadTimeoutError", "SSLError")
_NO_ANSWER = (*NOT_REACHED, *NO_REPLY, "NotAnAnswer")

# KMS has done nothing, because there were too many requests (AWS KMS Developer Guide, throttling).
THROTTLED = "ThrottlingException"
# For so many it is asked again and again while it takes no request at all of an operation.
THROTTLED_MINUTES = 15

# What botocore's standard mode repeats, too: a failure of the server or of what is before it, and too many requests.
_PASSING_STATUS = (429, 500, 502, 503, 504)

# How endpoints say that they have no such operation. InvalidAction is in KMS's Common Errors; botocore's JSON protocol
# has UnknownOperationException; the others are those of emulators.
_LACKING = (
    "InvalidAction",
    "NotImplemented",
    "NotImplementedError",
    "NotImplementedException",
    "UnknownOperation",
    "UnknownOperationException",
)

# The API Reference, Common Errors, has the one, and other services the other.
_DENIED = ("AccessDenied", "AccessDeniedException")

# What concerns one key, or one thing of it. Other errors concern all of them, such as credentials that have expired.
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
    """Whether an error is about one key, or one thing of it, and not about all of them."""
    return code in _OF_ONE_KEY


def is_unanswered(code: str) -> bool:
    return code in _NO_ANSWER


def is_passing(code: str, status: int | None) -> bool:
    """Whether the same request may get an answer later. KMS may or may not have done it."""
    return (is_unanswered(code) and code != "NotAnAnswer") or status in _PASSING_STATUS


def lacks_operation(code: str, status: int | None) -> bool:
    """Whether an endpoint says that it has no such operation. KMS has them all, emulators do not.

    HTTP 501 is "Not Implemented" (RFC 9110, section 15.6.2), whatever the code. A web server that knows no such request
    answers 404, 405 or 500 without a code of KMS, whose own errors all have one.
    """
    return status == 501 or code in _LACKING or (has_no_code(code) and status in (404, 405, 500))


def has_no_code(code: str) -> bool:
    """Whether an error answer had no code of KMS: botocore puts the HTTP status in its place."""
    return not code or code.isdigit()
