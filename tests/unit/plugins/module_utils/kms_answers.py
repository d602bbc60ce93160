# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real KMS client whose requests are answered here and not sent, so that responses have an exact form."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

ARN = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
METADATA = {
    "KeyId": ARN.rpartition("/")[2],
    "Arn": ARN,
    "KeyState": "Enabled",
    "Origin": "EXTERNAL",
    "KeySpec": "SYMMETRIC_DEFAULT",
    "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
}
DATE = "Fri, 01 Jan 2027 00:00:00 GMT"

Body = Mapping[str, Any]
#: Returns the response for an operation and its parameters: a body, or an error with its code in ``__type``.
Reply = Callable[[str, dict[str, Any]], Body]


class _Raw:
    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self, **_keywords: Any) -> list[bytes]:
        return [self._content]


def client_that_gets(
    reply: Reply, date: Callable[[dict[str, Any]], str | None] = lambda _request: DATE, calls: list[str] | None = None
) -> Any:
    """:param date: the date header of a response; None for no header. :param calls: receives the operations."""
    client = boto3.client(
        "kms", region_name="eu-central-1", aws_access_key_id="111122223333", aws_secret_access_key="not-a-secret"
    )

    def answer(request: AWSPreparedRequest, **_event: Any) -> AWSResponse:
        operation = request.headers["X-Amz-Target"].decode().partition(".")[2]
        parameters = json.loads(request.body)
        if calls is not None:
            calls.append(operation)
        body, sent = reply(operation, parameters), date(parameters)
        headers = {"Content-Type": "application/x-amz-json-1.1", **({"Date": sent} if sent else {})}
        return AWSResponse(request.url, 400 if "__type" in body else 200, headers, _Raw(json.dumps(body).encode()))

    client.meta.events.register("before-send.kms", answer)
    return client
