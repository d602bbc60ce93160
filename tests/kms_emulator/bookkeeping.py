# Copyright (c) 2026 the cloudkeys.aws authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations that moto carries out: grants, tags, and policy names. The emulator checks the key's state first."""

from __future__ import annotations

import json
import re
from typing import Any

from moto.core.exceptions import ServiceException
from moto.kms.responses import KmsResponse
from werkzeug.exceptions import HTTPException

from .errors import Refused
from .operations import Answer, Call

# Operations of moto on a key, which the parameter KeyId names.
_OF_A_KEY = {
    "CreateGrant",
    "ListGrants",
    "ListKeyPolicies",
    "ListResourceTags",
    "RetireGrant",
    "RevokeGrant",
    "TagResource",
    "UntagResource",
    "UpdateKeyDescription",
}


def ask_moto(call: Call) -> Answer:
    """:raises Refused: moto refuses the request, or does not know the operation."""
    request = dict(call.request)
    if call.operation in _OF_A_KEY and "KeyId" in request:
        # Use the ARN: moto does not accept a multi-Region key ID, which contains only one hyphen.
        request["KeyId"] = call.key().arn
    return _moto(call, request)


def _moto(call: Call, request: dict[str, Any]) -> Answer:
    response = KmsResponse()
    response.body = json.dumps(request)
    response.region, response.current_account = call.kms.region, call.kms.account
    method = getattr(response, re.sub(r"(?<!^)([A-Z])", r"_\1", call.operation).lower(), None)
    if method is None:
        raise Refused("UnknownOperationException")
    try:
        body = method()
    except (HTTPException, ServiceException) as error:
        raise _translated(error) from None
    text = body if isinstance(body, str) else body[-1]
    answer: Answer = json.loads(text) if text else {}
    return answer


def _translated(error: Any) -> Refused:
    code = getattr(error, "error_type", None) or getattr(error, "code", None) or type(error).__name__
    return Refused(str(code), str(getattr(error, "message", "")))
